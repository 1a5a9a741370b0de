//go:build linux

package lab

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of CPU times in /proc: USER_HZ, 100 on every Linux port that Go has.
const clockTick = 10 * time.Millisecond

// Sample is one look at a running process.
type Sample struct {
	At       time.Time
	CPU      time.Duration // user and system so far, in steps of 10 ms
	RSS, HWM int64         // resident bytes now, and the most so far
}

// Watch samples a process until it ends or Stop is called.
type Watch struct {
	stop    chan struct{}
	done    chan struct{}
	samples []Sample // owned by the goroutine until done
	files   []FileSizes
}

// StartWatch looks at the process every interval; at its unnamed files too if asked,
// which takes its time where there are thousands of descriptors.
func StartWatch(pid int, interval time.Duration, files bool) *Watch {
	w := &Watch{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			s, err := Look(pid)
			if err != nil {
				return // the process has ended
			}
			w.samples = append(w.samples, s)
			if files {
				w.files = append(w.files, UnnamedFiles(pid))
			}
			select {
			case <-ticker.C:
			case <-w.stop:
				return
			}
		}
	}()
	return w
}

// Stop ends the sampling and returns the samples in order of time.
func (w *Watch) Stop() ([]Sample, []FileSizes) {
	close(w.stop)
	<-w.done
	return w.samples, w.files
}

// Look samples a process once.
func Look(pid int) (Sample, error) {
	s := Sample{At: time.Now()}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, err
	}
	// The program's name in parentheses may hold blanks: count from its end.
	end := bytes.LastIndexByte(stat, ')')
	fields := strings.Fields(string(stat[end+1:]))
	if end < 0 || len(fields) < 13 || fields[0] == "Z" {
		return s, os.ErrProcessDone
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	s.CPU = time.Duration(user+system) * clockTick
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return s, err
	}
	for _, line := range strings.Split(string(status), "\n") {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "VmRSS":
			s.RSS = kilobytes(value)
		case "VmHWM":
			s.HWM = kilobytes(value)
		}
	}
	return s, nil
}

// CPUBetween returns the CPU time that a process used between two moments, from
// the samples next to them, and the time that these span.
func CPUBetween(samples []Sample, from, until time.Time) (cpu, span time.Duration) {
	var first, last *Sample
	for i := range samples {
		s := &samples[i]
		if s.At.Before(from) || s.At.After(until) {
			continue
		}
		if first == nil {
			first = s
		}
		last = s
	}
	if first == nil || first == last {
		return 0, 0
	}
	return last.CPU - first.CPU, last.At.Sub(first.At)
}

func kilobytes(value string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
	return n * 1024
}
