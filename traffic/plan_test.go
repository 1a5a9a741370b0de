package traffic

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"netperfmeter/wire"
)

func newPlan(rate, size wire.Distribution, events []wire.Event, repeat bool) *Plan {
	return NewPlan(Direction{rate, size}, events, repeat, NewSources(1, 2, 3, true))
}

// instants takes up to n frames and returns when they go out, in seconds.
func instants(t *testing.T, p *Plan, n int) (at []float64) {
	t.Helper()
	last := time.Duration(-1)
	for range n {
		f, ok := p.Next()
		if !ok {
			break
		}
		if f.At < last {
			t.Fatalf("frame %d at %v, after %v", len(at), f.At, last)
		}
		last = f.At
		at = append(at, f.At.Seconds())
	}
	return at
}

func TestPlanOfConstantRate(t *testing.T) {
	tests := []struct {
		name   string
		rate   float64
		events []wire.Event
		repeat bool
		want   []float64
	}{
		{"on from the start", 2, nil, false, []float64{0, 0.5, 1, 1.5, 2, 2.5}},
		{"on at 0", 2, absolute(0), false, []float64{0, 0.5, 1, 1.5, 2, 2.5}},
		{"no frame at the instant of turning off", 2, absolute(0.5, 2, 3), false, []float64{0.5, 1, 1.5, 3, 3.5, 4}},
		{"begins anew when turned on", 2, absolute(0.1, 1.3, 1.4, 1.5), false, []float64{0.1, 0.6, 1.1, 1.4}},
		{"the gap goes beyond the off time", 0.1, absolute(1, 2, 3, 4, 20), false, []float64{1, 3, 20, 30, 40, 50}},
		{"repeated", 4, relative(0.25, 0.5), true, []float64{0.25, 0.5, 1, 1.25, 1.75, 2}},
		{"repeated, one frame each", 1, relative(0, 0.25), true, []float64{0, 0.25, 0.5, 0.75, 1, 1.25}},
		{"on and off at once, then on", 1, absolute(3, 3, 5), false, []float64{5, 6, 7, 8, 9, 10}},
		{"not in order", 1, absolute(3, 1, 2, 4.5), false, []float64{3, 4}},
		{"off for good", 1, absolute(1, 2.5), false, []float64{1, 2}},
		{"on just before it is off", 1, relative(1, 1e-9), false, []float64{1}},
	}
	for _, tt := range tests {
		p := newPlan(constant(tt.rate), constant(100), tt.events, tt.repeat)
		if got := instants(t, p, 6); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Ten hours of 44100 frames/s: each one where it belongs.
func TestPlanDoesNotDriftOverHours(t *testing.T) {
	p := newPlan(constant(44100), constant(100), nil, false)
	const hours = 10
	n := p.Skip(hours * time.Hour)
	if n != hours*3600*44100 {
		t.Fatalf("%d frames skipped", n)
	}
	for k := range int64(44100) {
		want := hours*time.Hour + time.Duration((k*1e9*10/44100+5)/10)
		if f, ok := p.Next(); f.At != want || !ok {
			t.Fatalf("frame %d of the last second at %v, %v, want %v", k, f.At, ok, want)
		}
	}
}

// Ten hours of a repeated list, frame by frame.
func TestPlanWithOnOffOverHours(t *testing.T) {
	p := newPlan(constant(10), constant(100), relative(1, 1, 0.5, 0.5), true)
	for round := range 12000 {
		start := 3 * time.Second * time.Duration(round)
		for i := range 15 {
			want := start + time.Second + time.Duration(i)*100*time.Millisecond
			if i >= 10 {
				want += 500 * time.Millisecond
			}
			if f, ok := p.Next(); f.At != want || !ok {
				t.Fatalf("round %d frame %d at %v, %v, want %v", round, i, f.At, ok, want)
			}
		}
	}
}

// A random rate: on periods begin with a frame, no frame is outside of one, and
// over hours there are as many as the rate says.
func TestPlanOfRandomRateWithOnOff(t *testing.T) {
	e := wire.Event{Time: dist(wire.Exponential, 0.5), Relative: true}
	events := []wire.Event{e, e}
	p := NewPlan(Direction{dist(Poisson, 20), constant(100)}, events, true, NewSources(7, 1, 0, false))
	s := NewSwitch(events, true, NewSources(7, 1, 0, false).OnOff)
	const span = 3 * time.Hour
	frames, onTime := 0, time.Duration(0)
	f, ok := p.Next()
	for {
		on, _, _ := s.Next()
		off, _, _ := s.Next()
		if on >= span {
			break
		}
		if on == off {
			continue
		}
		if !ok || f.At != on {
			t.Fatalf("turned on at %v, the first frame is at %v, %v", on, f.At, ok)
		}
		for ; ok && f.At < off; f, ok = p.Next() {
			frames++
		}
		frames-- // the first one comes without a gap
		onTime += off - on
	}
	if want := onTime.Seconds() * 20; float64(frames) < want*0.98 || float64(frames) > want*1.02 {
		t.Errorf("%d frames in %v, want about %.0f", frames, onTime, want)
	}
}

func TestPlanWithoutFrames(t *testing.T) {
	tests := map[string]Direction{
		"idle":         {constant(10), constant(0)},
		"saturated":    {constant(0), constant(1000)},
		"nothing said": {},
	}
	for name, dir := range tests {
		p := NewPlan(dir, nil, false, NewSources(1, 0, 0, true))
		if f, ok := p.Next(); ok {
			t.Errorf("%s: frame %v", name, f)
		}
		if n := p.Skip(time.Hour); n != 0 {
			t.Errorf("%s: %d frames skipped", name, n)
		}
	}
}

func TestPlanSizes(t *testing.T) {
	tests := []struct {
		size      wire.Distribution
		low, high int
	}{
		{constant(1460), 1460, 1460},
		{constant(99.5), 100, 100},
		{dist(wire.Uniform, 10, 13), 10, 13},
		{dist(wire.Uniform, 0, 3), 0, 3},
		{dist(wire.Normal, 0, 1000), 0, 6000}, // what is below 0 is empty
		{dist(wire.Pareto, MaxFrameSize, 0.1), MaxFrameSize, MaxFrameSize},
	}
	for _, tt := range tests {
		p := newPlan(constant(1000), tt.size, nil, false)
		low, high := MaxFrameSize+1, -1
		for range 5000 {
			f, _ := p.Next()
			low, high = min(low, f.Size), max(high, f.Size)
		}
		if low < tt.low || high > tt.high || low != tt.low && tt.low == 0 {
			t.Errorf("%s: sizes from %d to %d, want %d to %d", FormatDistribution(tt.size), low, high, tt.low, tt.high)
		}
	}
}

// A list that CheckEvents refuses must not hold up the sender.
func TestPlanOfAListThatIsNeverOn(t *testing.T) {
	p := newPlan(constant(1000), constant(100), relative(1, 0), true)
	last := time.Duration(0)
	for range 10 {
		f, ok := p.Next()
		if !ok || f.Size != 0 || f.At <= last {
			t.Fatalf("frame %v, %v after %v", f, ok, last)
		}
		last = f.At
	}
	if n := p.Skip(time.Hour); n != 0 {
		t.Errorf("%d frames skipped", n)
	}
}

func TestPlanEndsWithTime(t *testing.T) {
	for _, rate := range []wire.Distribution{constant(1e-6), dist(wire.Uniform, 1e-6, 1e-6)} {
		p := newPlan(rate, constant(1), nil, false)
		n := len(instants(t, p, 20000))
		if want := int(forever/(1e6*time.Second)) + 1; n != want {
			t.Errorf("%s: %d frames, want %d", FormatDistribution(rate), n, want)
		}
	}
}

func TestPlanAllocatesNothing(t *testing.T) {
	e := wire.Event{Time: dist(wire.Exponential, 0.01), Relative: true}
	for _, rate := range []wire.Distribution{constant(1000), dist(wire.Normal, 1000, 100), dist(Poisson, 1000)} {
		p := NewPlan(Direction{rate, dist(wire.TruncNormal, 400, 50)}, []wire.Event{e, e}, true, NewSources(1, 2, 3, true))
		until := time.Duration(0)
		n := testing.AllocsPerRun(1000, func() {
			f, _ := p.Next()
			until = f.At + time.Millisecond
			p.Skip(until)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", FormatDistribution(rate), n)
		}
	}
}

func BenchmarkPlanNext(b *testing.B) {
	rates := []wire.Distribution{constant(1000), dist(wire.Uniform, 500, 1500), dist(wire.Exponential, 1000),
		dist(wire.Pareto, 500, 2), dist(wire.Normal, 1000, 100), dist(wire.TruncNormal, 1000, 100), dist(Poisson, 1000)}
	for _, rate := range rates {
		b.Run(FormatDistribution(rate), func(b *testing.B) {
			p := NewPlan(Direction{rate, constant(1000)}, nil, false, Sources{Rate: rand.New(rand.NewPCG(1, 2))})
			b.ReportAllocs()
			for b.Loop() {
				p.Next()
			}
		})
	}
}
