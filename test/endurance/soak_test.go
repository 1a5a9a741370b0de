//go:build linux

package endurance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

const (
	// soakMeasurements is how many there are in the suite; NETPERFMETER_SOAK=5000 makes as many.
	soakMeasurements = 300
	// soakSeed makes the shapes the same each time; NETPERFMETER_SOAK_SEED is another one.
	soakSeed = 1
	// soakBeside is how many run at a time.
	soakBeside = 8
)

func fromEnvironment(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// soak counts what became of the measurements.
type soak struct {
	n                                  *lab.Namespace
	program                            string
	exact, interrupted                 atomic.Int64
	killedActive, killedPassive, spent atomic.Int64
	gaveUp                             atomic.Int64 // said that they did not wait for what was in flight
	passive                            *lab.Process
	flows, messages, lost              atomic.Uint64
}

// TestSoak: measurements of random shape, some at a time, against one passive process. One in ten is killed at a
// random point: its process, or, as the death of the passive side would, its control connection. All others are exact:
// what was sent is what was received and lost, to the byte. In the end the passive side has what it had at first.
func TestSoak(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "ss")
	measurements := fromEnvironment(t, "NETPERFMETER_SOAK", soakMeasurements)
	seed := fromEnvironment(t, "NETPERFMETER_SOAK_SEED", soakSeed)
	s := &soak{n: lab.Loopback(t), program: lab.PlainProgram(t)}
	begun := time.Now()
	passive := startPassive(t, s.n)
	s.passive = passive
	s.run(t, 2*soakBeside, seed+1<<32) // so that what is made once and kept is there
	before := settled(t, s.n, passive, nil)
	s.run(t, measurements, seed)
	after := settled(t, s.n, passive, before)
	t.Logf("%d measurements (seed %d) in %v: %d exact, of them %d interrupted; %d killed on the active side, %d on the passive side, %d over before that; %d gave up what was in flight; "+
		"%d flows, %d messages, %d lost", measurements, seed, time.Since(begun).Round(time.Second), s.exact.Load(), s.interrupted.Load(),
		s.killedActive.Load(), s.killedPassive.Load(), s.spent.Load(), s.gaveUp.Load(), s.flows.Load(), s.messages.Load(), s.lost.Load())
	if killed := s.killedActive.Load() + s.killedPassive.Load(); killed*30 < int64(measurements) || s.exact.Load()+s.gaveUp.Load() < int64(measurements)*3/4 {
		t.Errorf("%d killed and %d exact of %d", killed, s.exact.Load(), measurements)
	}
	back(t, before, after, true)
	if r := passive.Stop(); r.Code != 0 {
		t.Errorf("passive side: %v", r)
	}
}

// run makes measurements, some at a time, each of a shape of its own.
func (s *soak) run(t *testing.T, measurements, seed uint64) {
	var next atomic.Uint64
	var clients sync.WaitGroup
	for range soakBeside {
		clients.Go(func() {
			for i := next.Add(1); i <= measurements && !t.Failed(); i = next.Add(1) {
				if err := s.measure(t, i, rand.New(rand.NewPCG(seed, i))); err != nil {
					t.Errorf("measurement %d of seed %d: %v", i, seed, err)
				}
			}
		})
	}
	clients.Wait()
}

// measure makes one, which one time in ten is to be killed.
func (s *soak) measure(t *testing.T, i uint64, r *rand.Rand) error {
	dir := t.TempDir()
	shape := randomShape(r)
	fate, after := r.IntN(20), time.Duration(r.Int64N(int64(350*time.Millisecond)))
	c := lab.Command{Name: s.program, Args: append([]string{"127.0.0.1", "-scalar=r.sca"}, shape.args...), Dir: dir}
	p := s.n.Start(t, c)
	switch fate {
	case 0, 1, 2:
		time.Sleep(after)
	}
	ended := !p.Running()
	switch {
	case fate > 2:
	case ended:
		s.spent.Add(1)
	case fate == 0:
		p.Signal(syscall.SIGKILL)
		p.Wait()
		s.killedActive.Add(1)
		return nil
	case fate == 1:
		if s.cut(t, p) {
			s.killedPassive.Add(1)
			return afterCut(p.Wait())
		}
		s.spent.Add(1)
	default:
		p.Signal(syscall.SIGINT)
		s.interrupted.Add(1)
	}
	result := p.Wait()
	// A signal that comes before the process takes any ends it.
	interrupted := fate == 2 && (result.Code == 130 || result.Code == -1)
	if result.TimedOut || result.Code != 0 && !interrupted {
		return fmt.Errorf("%v: %v", c, result)
	}
	if _, err := os.Stat(dir + "/r-passive.sca"); err != nil && interrupted {
		return nil // before it had begun
	}
	flows, messages, lost, err := exact(dir, shape.flows)
	if errors.Is(err, errStreamLoss) && strings.Contains(result.Stderr+s.passive.Output(), "gave up waiting for data in flight") {
		// Nothing came for a second: on a machine so loaded the program says so, and is right.
		s.gaveUp.Add(1)
		return os.RemoveAll(dir)
	}
	if err != nil {
		return fmt.Errorf("%v: %w", c, err)
	}
	s.exact.Add(1)
	s.flows.Add(uint64(flows))
	s.messages.Add(messages)
	s.lost.Add(lost)
	return os.RemoveAll(dir)
}

// afterCut looks at a measurement whose control connection was cut: it says so, unless all was done.
func afterCut(r lab.Result) error {
	if r.TimedOut || r.Code < 0 || r.Code != 0 && !strings.Contains(r.Stderr, "netperfmeter: ") {
		return fmt.Errorf("after its control connection was cut: %v", r)
	}
	return nil
}

// cut ends a process's control connection at its passive end, as the death of that side would; false: there is none.
func (s *soak) cut(t *testing.T, p *lab.Process) bool {
	t.Helper()
	list := s.n.Shell(t, "ss -Htnp state established dport = :9001 || true")
	for line := range strings.Lines(list) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.Contains(line, fmt.Sprintf("pid=%d,", p.PID)) {
			continue
		}
		port := fields[2][strings.LastIndexByte(fields[2], ':')+1:]
		s.n.Shell(t, "ss -K -tn sport = :9001 and dport = :"+port)
		return true
	}
	return false
}
