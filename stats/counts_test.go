package stats

import (
	"testing"

	"netperfmeter/sys"
)

func TestCounts(t *testing.T) {
	a, b := Counts{1000, 10, 5}, Counts{400, 4, 6}
	if got := a.Add(b); got != (Counts{1400, 14, 11}) {
		t.Errorf("sum %v", got)
	}
	if got := a.Sub(b); got != (Counts{600, 6, 0}) {
		t.Errorf("difference %v", got)
	}
	if got := a.Since(b); got != (Change{600, 6, -1}) {
		t.Errorf("change %v", got)
	}
}

func TestSentStats(t *testing.T) {
	s := SentStats{Lateness: new(Summary)}
	s.AddBatch(Counts{100, 1, 1}, 10)
	s.Lateness.Add(5)
	s.Skipped, s.Empty = 3, 1
	warmUp := s.Snapshot()
	s.StartSummaries()
	if got := s.Sub(warmUp); got.Counts != (Counts{}) || got.First != 0 || got.Last != 0 {
		t.Errorf("nothing was sent after the warm-up: %+v", got)
	}
	s.AddBatch(Counts{500, 5, 2}, 20)
	s.AddBatch(Counts{300, 3, 1}, 30)
	s.Lateness.Add(0.25)
	s.Skipped = 4

	if want := (SentStats{Counts: Counts{900, 9, 4}, First: 10, MeasuredFirst: 20, Last: 30,
		Skipped: 4, Empty: 1, Batches: 3}); s.Snapshot() != want {
		t.Errorf("all: %+v", s.Snapshot())
	}
	got := s.Sub(warmUp)
	if got.Lateness.Count() != 1 || got.Lateness.Max() != 0.25 {
		t.Errorf("lateness: %d up to %v", got.Lateness.Count(), got.Lateness.Max())
	}
	got.Lateness = nil
	if want := (SentStats{Counts: Counts{800, 8, 3}, First: 20, MeasuredFirst: 20, Last: 30,
		Skipped: 1, Batches: 2}); got != want {
		t.Errorf("without the warm-up: %+v", got)
	}
}

func TestLoad(t *testing.T) {
	base := sys.CPUTimes{User: 100, Nice: 100, System: 100, Idle: 100, IOWait: 100, IRQ: 100, SoftIRQ: 100, Steal: 100}
	tests := []struct {
		name  string
		after sys.CPUTimes
		want  CPULoad
	}{
		{"no time", base, CPULoad{}},
		{"idle", sys.CPUTimes{User: 100, Nice: 100, System: 100, Idle: 150, IOWait: 100, IRQ: 100, SoftIRQ: 100, Steal: 100},
			CPULoad{Idle: 100}},
		{"some of everything", sys.CPUTimes{User: 101, Nice: 102, System: 103, Idle: 106, IOWait: 101, IRQ: 102, SoftIRQ: 103, Steal: 102},
			CPULoad{User: 5, Nice: 10, System: 15, Idle: 30, IOWait: 5, IRQ: 10, SoftIRQ: 15, Hypervisor: 10}},
		{"waiting went back", sys.CPUTimes{User: 101, Nice: 100, System: 100, Idle: 103, IOWait: 90, IRQ: 100, SoftIRQ: 100, Steal: 100},
			CPULoad{User: 25, Idle: 75}},
		{"switched off", sys.CPUTimes{}, CPULoad{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Load(base, test.after)
			for i, pair := range [][2]float64{{got.User, test.want.User}, {got.Nice, test.want.Nice},
				{got.System, test.want.System}, {got.Idle, test.want.Idle}, {got.IOWait, test.want.IOWait},
				{got.IRQ, test.want.IRQ}, {got.SoftIRQ, test.want.SoftIRQ}, {got.Hypervisor, test.want.Hypervisor}} {
				if !near(pair[0], pair[1]) {
					t.Errorf("value %d: %v, want %v", i, pair[0], pair[1])
				}
			}
			sum := got.Busy() + got.Idle + got.IOWait
			if got != (CPULoad{}) && !near(sum, 100) {
				t.Errorf("sum %v", sum)
			}
		})
	}
	loads := Loads([]sys.CPUTimes{base, base}, []sys.CPUTimes{{User: 200}, base, base})
	if len(loads) != 2 || loads[0].User != 100 || loads[1] != (CPULoad{}) {
		t.Errorf("loads %+v", loads)
	}
}

func TestPerSecond(t *testing.T) {
	for _, test := range []struct {
		n           uint64
		first, last int64
		want        float64
	}{{10, 1_000_000, 3_000_000, 5}, {10, 5, 5, 0}, {10, 5, 4, 0}, {0, 1, 2, 0}, {1 << 60, 0, 1_000_000, 1 << 60}} {
		if got := PerSecond(test.n, test.first, test.last); !near(got, test.want) {
			t.Errorf("%d from %d to %d: %v, want %v", test.n, test.first, test.last, got, test.want)
		}
	}
	if got := Microseconds(1_234_567_890); got != 1_234_567 {
		t.Errorf("%d us", got)
	}
}
