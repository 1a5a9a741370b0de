package traffic

import (
	"testing"
	"time"

	"netperfmeter/wire"
)

// Skip must count and leave what Next would: for every kind of plan, two equal
// ones are led through the same time.
func TestSkipAgreesWithNext(t *testing.T) {
	random := wire.Event{Time: dist(wire.Exponential, 0.3), Relative: true}
	lists := []struct {
		name   string
		events []wire.Event
		repeat bool
	}{
		{"no list", nil, false},
		{"absolute", absolute(0.5, 2, 3, 7.7), false},
		{"repeated", relative(0.2, 0.5, 0.1, 0.01), true},
		{"random", []wire.Event{random, random}, true},
	}
	rates := []wire.Distribution{constant(10), constant(333), dist(wire.Uniform, 5, 200), dist(Poisson, 50)}
	for _, list := range lists {
		for _, rate := range rates {
			dir := Direction{rate, constant(100)}
			skipper := NewPlan(dir, list.events, list.repeat, NewSources(1, 2, 3, true))
			walker := NewPlan(dir, list.events, list.repeat, NewSources(1, 2, 3, true))
			f, ok := walker.Next()
			for until := time.Duration(0); until < 12*time.Second; until += 370 * time.Millisecond {
				want := 0
				for ; ok && f.At < until; f, ok = walker.Next() {
					want++
				}
				if got := skipper.Skip(until); got != want {
					t.Fatalf("%s, %s: skipped %d frames before %v, want %d", list.name, FormatDistribution(rate), got, until, want)
				}
				if g, ok2 := skipper.Next(); g != f || ok2 != ok {
					t.Fatalf("%s, %s: after %v %v, %v follows, want %v, %v", list.name, FormatDistribution(rate), until, g, ok2, f, ok)
				}
				f, ok = walker.Next()
			}
		}
	}
}

// Sizes are not drawn for skipped frames: what is sent keeps its sizes.
func TestSkipDrawsNoSizes(t *testing.T) {
	dir := Direction{dist(Poisson, 100), dist(wire.Uniform, 100, 1000)}
	one := NewPlan(dir, nil, false, NewSources(1, 2, 3, true))
	other := NewPlan(dir, nil, false, NewSources(1, 2, 3, true))
	other.Skip(time.Minute)
	for i := range 100 {
		f, _ := one.Next()
		if g, _ := other.Next(); f.Size != g.Size {
			t.Fatalf("frame %d has %d bytes and %d after a skip", i, f.Size, g.Size)
		}
	}
}

// A day at the highest rate, skipped at once: the test would not end if it took
// time for each frame.
func TestSkipOfAConstantRateIsCheap(t *testing.T) {
	p := newPlan(constant(MaxRate), constant(100), nil, false)
	if n := int64(p.Skip(24 * time.Hour)); n != 86400*MaxRate {
		t.Errorf("%d frames skipped, want %d", n, int64(86400*MaxRate))
	}
	if f, _ := p.Next(); f.At != 24*time.Hour {
		t.Errorf("the next frame is at %v", f.At)
	}
}

// A random rate is skipped in pieces, each of bounded work.
func TestSkipOfARandomRateIsBounded(t *testing.T) {
	p := newPlan(dist(Poisson, MaxRate), constant(100), nil, false)
	until := 100 * time.Millisecond
	total, calls := 0, 0
	for {
		n := p.Skip(until)
		if n > maxSkips {
			t.Fatalf("%d frames in one call", n)
		}
		total += n
		calls++
		f, _ := p.Next()
		if f.At >= until {
			break
		}
		total++
	}
	if calls < 10 || total < 990_000 || total > 1_010_000 {
		t.Errorf("%d frames skipped in %d calls, want about 1000000", total, calls)
	}
}
