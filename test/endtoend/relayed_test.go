//go:build linux

package endtoend

import (
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"netperfmeter/test/lab"
	"netperfmeter/test/relay"
)

// relayed is a measurement of flow 0 through a relay.
type relayed struct {
	results *lab.Results
	dir     string
	output  string
	out, in relay.Direction
}

// runRelayed measures through a relay that is configured but for its place.
func runRelayed(t *testing.T, cfg relay.Config, args ...string) relayed {
	t.Helper()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	cfg.Base, cfg.Passive, cfg.In = netip.MustParseAddrPort("127.0.0.2:9500"), netip.MustParseAddrPort("127.0.0.1:9000"), n.Do
	r, err := relay.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dir := t.TempDir()
	run := n.Run(t, lab.Ours(t, append([]string{"127.0.0.2:9500", "-scalar=r.sca", "-vector=r.vec"}, args...)...).In(dir))
	if run.Code != 0 {
		t.Fatal(run)
	}
	result := relayed{results: lab.ReadResults(t, dir, "r.sca", "r.vec"), dir: dir, output: run.Stdout}
	for _, d := range r.Directions() {
		if d.Outgoing {
			result.out = d
		} else {
			result.in = d
		}
	}
	if len(result.out.Passages) == 0 {
		t.Fatal("the relay has passed nothing on")
	}
	return result
}

// receiver returns the scalars of the side that receives in a direction.
func (r *relayed) receiver(d *relay.Direction) *lab.Scalars {
	if d.Outgoing {
		return r.results.Passive
	}
	return r.results.Active
}

func (r *relayed) sender(d *relay.Direction) *lab.Scalars {
	if d.Outgoing {
		return r.results.Active
	}
	return r.results.Passive
}

// vector names the vector file of what is received in a direction.
func (r *relayed) vector(d *relay.Direction) string {
	if d.Outgoing {
		return filepath.Join(r.dir, "r-passive-00000000-0000.vec")
	}
	return filepath.Join(r.dir, "r-active-00000000-0000.vec")
}

// both calls f with each direction that carried anything.
func (r *relayed) both(t *testing.T, f func(t *testing.T, d *relay.Direction)) {
	for name, d := range map[string]*relay.Direction{"out": &r.out, "in": &r.in} {
		if len(d.Passages) > 0 {
			t.Run(name, func(t *testing.T) { f(t, d) })
		}
	}
}

// medianDelay bounds the median of the messages' delays by the relay's log, in
// milliseconds.
func medianDelay(d *relay.Direction) (least, most float64) {
	var low, high []time.Duration
	for i := range d.Passages {
		l, h := d.Passages[i].Delay()
		low, high = append(low, l), append(high, h)
	}
	middle := func(all []time.Duration) float64 {
		slices.Sort(all)
		return all[len(all)/2].Seconds() * 1000
	}
	return middle(low), middle(high)
}

// millis is a duration as scalars have it.
func millis(d time.Duration) float64 { return d.Seconds() * 1000 }
