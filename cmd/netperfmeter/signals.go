package main

import (
	"context"
	"os"
	"time"
)

// killAfter is how long a second signal does nothing: the same key pressed
// twice, or a signal sent to the process and its group, is one wish.
const killAfter = 2 * time.Second

// watchSignals ends the measurement with the first signal and the program with
// one that comes killAfter or more later. It returns when the context ends
// that stop belongs to, which must not be the one that it cancels.
func watchSignals(until context.Context, signals <-chan os.Signal, end, kill func(os.Signal)) {
	var first time.Time
	for {
		select {
		case <-until.Done():
			return
		case signal := <-signals:
			switch {
			case first.IsZero():
				first = time.Now()
				end(signal)
			case time.Since(first) >= killAfter:
				kill(signal)
			}
		}
	}
}
