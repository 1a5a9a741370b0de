//go:build linux

package capture

import (
	"errors"
	"math"
	"slices"

	"netperfmeter/bench/internal/lab"
)

// Pace says how well datagrams kept to a rate. Times are in microseconds.
type Pace struct {
	Count     int
	Share     float64 // achieved over configured rate
	Deviation float64 // standard deviation of the gaps
	Gap99     float64 // 99th percentile of how far a gap is from the configured one
	// Lateness against a schedule of the configured gap, of which the one that was
	// earliest against it is taken to be on time: what it was late itself (the way
	// through the kernel at least) is missing from all of them.
	Late50, Late90, Late99 float64
}

// Measure judges packets of datagrams of a size that were to be sent at a rate per
// second. A packet that carries several datagrams (offloading) counts as all of
// them, at once. Datagrams of another size are set-up and left out.
func Measure(packets []Packet, size int, rate float64) (Pace, error) {
	var times []int64
	for _, p := range packets {
		if p.Length%size != 0 {
			continue
		}
		for range p.Length / size {
			times = append(times, p.Time)
		}
	}
	if len(times) < 3 {
		return Pace{}, errors.New("hardly anything was captured")
	}
	gap := 1e9 / rate
	gaps := make([]float64, len(times)-1)
	off := make([]float64, len(gaps))
	for i := range gaps {
		gaps[i] = float64(times[i+1] - times[i])
		off[i] = math.Abs(gaps[i] - gap)
	}
	late := make([]float64, len(times))
	for i, t := range times {
		late[i] = float64(t-times[0]) - float64(i)*gap
	}
	slices.Sort(late)
	slices.Sort(off)
	quantile := func(q float64) float64 { return (lab.SortedQuantile(late, q) - late[0]) / 1e3 }
	return Pace{
		Count:     len(times),
		Share:     float64(len(gaps)) * 1e9 / float64(times[len(times)-1]-times[0]) / rate,
		Deviation: lab.Deviation(gaps) / 1e3,
		Gap99:     lab.SortedQuantile(off, 0.99) / 1e3,
		Late50:    quantile(0.5),
		Late90:    quantile(0.9),
		Late99:    quantile(0.99),
	}, nil
}
