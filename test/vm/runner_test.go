//go:build linux

package vm

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func testModules(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: "lsmod | cut -d ' ' -f 1"})
	r.Okay(t)
	for _, module := range modules {
		name := module[strings.LastIndexByte(module, '/')+1:]
		if !strings.Contains("\n"+r.Output, "\n"+name+"\n") {
			t.Errorf("%s is not there:\n%s", name, r.Output)
		}
	}
}

func testRunnerResult(t *testing.T, m *Machine) {
	r := m.Run(t, Case{
		Files: map[string][]byte{"given": []byte("text"), "folder/given": []byte("more")},
		Script: `echo out; echo err >&2
			cat given folder/given >folder/new
			sleep 1000 & # does not hold up the end
			(exit 3)
			echo not reached`,
	})
	if r.Code != 3 || r.TimedOut || r.Output != "out\nerr\n" {
		t.Errorf("%+v", r)
	}
	if len(r.Files) != 1 || string(r.File(t, "folder/new")) != "textmore" {
		t.Errorf("files: %q", r.Files)
	}
	// More than the serial port's buffers hold.
	r = m.Run(t, Case{Script: "head -c 8000000 /dev/zero >zeros; yes | head -c 3000000"})
	r.Okay(t)
	if len(r.File(t, "zeros")) != 8000000 || len(r.Output) < 1<<19 || len(r.Output) > 2<<20 {
		t.Errorf("%d bytes of file, %d of output", len(r.File(t, "zeros")), len(r.Output))
	}
}

func testRunnerLimit(t *testing.T, m *Machine) {
	begun := time.Now()
	r := m.Run(t, Case{Limit: 10 * time.Second, Script: "echo started; setsid sleep 1000 & sh -c 'trap : QUIT INT TERM; while :; do sleep 1; done'"})
	if !r.TimedOut || r.Code != -1 || !strings.HasPrefix(r.Output, "started\n") || time.Since(begun) > time.Minute {
		t.Errorf("%+v", r)
	}
}

// testRunnerApart shows that cases at the same time see nothing of each other.
func testRunnerApart(t *testing.T, m *Machine) {
	for i := range 2 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := m.Run(t, Case{Script: `lab_two_hosts
				nc -l -p 4000 </dev/null &
				await 20 listening tcp 4000
				echo $(ls /run/netns) $(ps | grep -c '[n]c -l')`})
			r.Okay(t)
			if r.Output != "client server 1\n" {
				t.Error(r.Output)
			}
		})
	}
}

func testLabTwoHosts(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: `lab_two_hosts
		reaches() { on client ping -c 1 -W 1 "$1" >/dev/null && echo yes || echo no; }
		for to in 10.81.1.2 10.81.2.2 fd81:1::2 fd81:2::2; do reaches $to; done
		lab_cut 1
		reaches 10.81.1.2; reaches 10.81.2.2
		[ "$(lab_dropped client 1)" -gt 0 ] && echo dropped
		lab_mend 1
		reaches 10.81.1.2
		lab_loss 1 30
		on client ping -c 100 -i 0.01 -W 1 10.81.1.2 >ping.log || true
		lost=$(( $(lab_dropped client 1) + $(lab_dropped server 1) ))
		[ "$lost" -gt 0 ] && [ "$lost" -lt 100 ] && echo lossy || cat ping.log`})
	r.Okay(t)
	if want := "yes yes yes yes no yes dropped yes lossy"; strings.Join(strings.Fields(r.Output), " ") != want {
		t.Errorf("want %s\n%s", want, r.All())
	}
}

func testLabAwait(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: `lab_two_hosts
		on server nc -l -p 4000 </dev/null &
		await 20 listening_on server tcp 4000
		listening_on client tcp 4000 && echo client listens
		listening_on server tcp 4001 && echo another port
		listening_on server udp 4000 && echo another protocol
		await 1 false || echo not within`})
	r.Okay(t)
	if want := "await: not within 1 s: false\nnot within\n"; r.Output != want {
		t.Error(r.Output)
	}
}
