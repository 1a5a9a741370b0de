//go:build linux

package vm

import (
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"netperfmeter/test/vm/internal/cases"
)

const (
	startLimit = 2 * time.Minute  // for the start of the runner; it takes seconds
	slack      = 30 * time.Second // for a result to come back after its case's limit
	stopLimit  = 10 * time.Second // for the machine to switch itself off
)

// Machine is a running virtual machine.
type Machine struct {
	Build, Boot time.Duration // how long the programs took to build and pack, and the machine to be ready
	Used        time.Duration // processor time of qemu, when the machine has ended

	dir   string
	qemu  *qemu
	conn  net.Conn
	kill  *time.Timer
	ended chan struct{} // no more results will come

	mu      sync.Mutex // guards what follows
	encoder *gob.Encoder
	waiting map[int]chan cases.Result
	last    int // ID of a case
	err     error
}

// Start boots a machine that is switched off when the test ends. Where something that it is made of is missing, the
// test is skipped, see lab.Unable.
func Start(t testing.TB, c Config) *Machine {
	t.Helper()
	kernel := need(t)
	dir, err := os.MkdirTemp("", "vm-") // not the test's own: the path of a socket is limited to 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	m := &Machine{dir: dir, ended: make(chan struct{}), waiting: map[int]chan cases.Result{}}
	t.Cleanup(func() { m.close(t) })
	begun := time.Now()
	initramfs := filepath.Join(dir, "initramfs")
	programs, err := build(dir, c.Tests)
	if err == nil {
		err = writeImage(initramfs, kernel, programs)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.Build = time.Since(begun)
	if c.Limit == 0 {
		c.Limit = 10 * time.Minute
	}
	if err := m.boot(kernel, initramfs, c.Limit); err != nil {
		t.Fatalf("starting the virtual machine: %v", err)
	}
	m.Boot = time.Since(begun) - m.Build
	return m
}

// boot starts qemu and waits for the first result, which says that the runner is there.
func (m *Machine) boot(kernel, initramfs string, limit time.Duration) error {
	socket := filepath.Join(m.dir, "cases")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	defer l.Close()
	if m.qemu, err = startQemu(m.dir, kernel, initramfs, socket); err != nil {
		return err
	}
	m.kill = time.AfterFunc(limit, func() { m.qemu.process.Kill() })
	if err := l.SetDeadline(time.Now().Add(startLimit)); err != nil {
		return err
	}
	if m.conn, err = l.Accept(); err != nil {
		return fmt.Errorf("waiting for qemu: %w", err)
	}
	m.encoder = gob.NewEncoder(m.conn)
	ready := make(chan cases.Result, 1)
	m.waiting[cases.Ready] = ready
	go m.receive()
	select {
	case <-ready:
		return nil
	case <-m.ended:
		return m.err
	case <-time.After(startLimit):
		return errors.New("the runner inside does not answer")
	}
}

// receive hands results to who waits for them, until the connection ends: by qemu's end or by close.
func (m *Machine) receive() {
	defer close(m.ended)
	for decoder := gob.NewDecoder(m.conn); ; {
		var r cases.Result
		err := decoder.Decode(&r)
		m.mu.Lock()
		if err != nil {
			m.err = fmt.Errorf("the machine has ended: %w", err)
			m.mu.Unlock()
			return
		}
		if to := m.waiting[r.ID]; to != nil {
			to <- r // has room for it
			delete(m.waiting, r.ID)
		}
		m.mu.Unlock()
	}
}

// Run runs a case to its end. It returns within the case's limit and some seconds; a machine that breaks fails the
// test.
func (m *Machine) Run(t testing.TB, c Case) Result {
	t.Helper()
	if c.Limit == 0 {
		c.Limit = time.Minute
	}
	result, err := m.send(c)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case r := <-result:
		return Result{r}
	case <-m.ended:
		t.Fatalf("%v; the end of its console:\n%s", m.err, m.qemu.tail())
	case <-time.After(c.Limit + slack):
		t.Fatalf("no result after %v; the end of the machine's console:\n%s", c.Limit+slack, m.qemu.tail())
	}
	return Result{}
}

// send hands a case to the machine. The channel has room for its result.
func (m *Machine) send(c Case) (<-chan cases.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	result := make(chan cases.Result, 1)
	m.waiting[m.last] = result
	err := m.encoder.Encode(cases.Case{ID: m.last, Script: c.Script, Files: c.Files, Limit: c.Limit})
	if err != nil {
		return nil, fmt.Errorf("sending a case to the machine: %w", err)
	}
	return result, nil
}

// close ends the machine and shows the end of its console if the test has failed.
func (m *Machine) close(t testing.TB) {
	if m.conn != nil {
		m.conn.Close() // then the runner ends, and the machine with it
		<-m.ended
	}
	if m.qemu != nil {
		select {
		case <-m.qemu.ended:
		case <-time.After(stopLimit):
			t.Errorf("the machine did not switch itself off within %v", stopLimit)
			m.qemu.process.Kill()
			<-m.qemu.ended
		}
		m.kill.Stop()
		m.Used = m.qemu.used
		if m.qemu.crashed() {
			t.Error("the kernel in the machine crashed")
		}
		if t.Failed() {
			t.Logf("qemu: %v; the end of the machine's console:\n%s", m.qemu.err, m.qemu.tail())
		}
	}
	if err := os.RemoveAll(m.dir); err != nil {
		t.Error(err)
	}
}
