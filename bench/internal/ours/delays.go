//go:build linux

package ours

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Delays returns the delays that a plain per-flow vector file has, by the
// messages' numbers.
func Delays(name string) (map[uint64]time.Duration, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	delays := make(map[uint64]time.Duration)
	lines := bufio.NewScanner(file)
	lines.Scan() // the header
	for lines.Scan() {
		const seqColumn, delayColumn = 3, 10
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != columns {
			return nil, fmt.Errorf("%s: %d columns instead of %d", name, len(fields), columns)
		}
		seq, err := strconv.ParseUint(fields[seqColumn], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: SeqNumber: %w", name, err)
		}
		ms, err := strconv.ParseFloat(fields[delayColumn], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: Delay: %w", name, err)
		}
		delays[seq] = time.Duration(ms * float64(time.Millisecond))
	}
	return delays, lines.Err()
}
