package main

import (
	"testing"
	"testing/synctest"
	"time"

	"netperfmeter/active"
)

func TestStopwatch(t *testing.T) {
	at := func(elapsed time.Duration) active.Progress {
		return active.Progress{Phase: active.Measuring, Elapsed: elapsed}
	}
	synctest.Test(t, func(t *testing.T) {
		var s stopwatch
		s.tell(active.Progress{Phase: active.SettingUp})
		if s.read() != 0 {
			t.Error("something was measured before the begin")
		}
		time.Sleep(time.Second)
		s.tell(at(0))
		time.Sleep(5 * time.Second)
		s.tell(at(5 * time.Second))
		if s.read() != 5*time.Second {
			t.Errorf("uninterrupted: %v", s.read())
		}
		time.Sleep(time.Second / 2)
		s.interrupt()
		time.Sleep(20 * time.Second) // the peer takes its time
		s.tell(at(25500 * time.Millisecond))
		if s.read() != 5500*time.Millisecond {
			t.Errorf("interrupted: %v", s.read())
		}
		planned := stopwatch{runtime: 2 * time.Second}
		planned.tell(at(0))
		planned.tell(at(23 * time.Second))
		if planned.read() != 2*time.Second {
			t.Errorf("planned: %v", planned.read())
		}
	})
}
