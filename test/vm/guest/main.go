//go:build linux

// Command guest runs cases inside the virtual machine, several at a time: it reads them from a virtual serial port
// until the other end closes it, and answers each when it has ended.
//
// A case's script is process 1 of a process namespace, so that its end is the end of everything that it started.
package main

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/test/vm/internal/cases"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintf(os.Stderr, "guest: %v\n", err)
		os.Exit(1)
	}
}

// serve runs cases until the port is closed.
func serve() error {
	port, err := openPort(cases.PortName)
	if err != nil {
		return err
	}
	defer port.Close()
	answers := &answers{encoder: gob.NewEncoder(port)}
	answers.send(cases.Result{ID: cases.Ready})
	decoder := gob.NewDecoder(port)
	for {
		var c cases.Case
		if err := decoder.Decode(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a case: %w", err)
		}
		go func() { answers.send(run(c)) }()
	}
}

// answers keeps results apart from each other on their way out.
type answers struct {
	mu      sync.Mutex
	encoder *gob.Encoder
}

func (a *answers) send(r cases.Result) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.encoder.Encode(r); err != nil {
		fmt.Fprintf(os.Stderr, "guest: sending a result: %v\n", err)
	}
}

// openPort finds a virtual serial port by its name and waits until its other end is connected: before that, a read
// says end of file. The port appears a moment after its module.
func openPort(name string) (*os.File, error) {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		files, err := filepath.Glob("/sys/class/virtio-ports/*/name")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if is, err := os.ReadFile(file); err != nil || string(bytes.TrimSpace(is)) != name {
				continue
			}
			device := filepath.Join("/dev", filepath.Base(filepath.Dir(file)))
			fd, err := unix.Open(device, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", device, err)
			}
			// The kernel says "hung up" as long as nobody is there.
			for poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}; ; time.Sleep(time.Millisecond) {
				if _, err := unix.Poll(poll, 0); err == nil && poll[0].Revents&(unix.POLLHUP|unix.POLLOUT) == unix.POLLOUT {
					return os.NewFile(uintptr(fd), device), nil
				}
				if time.Now().After(end) {
					return nil, fmt.Errorf("%s: nobody is at its other end", device)
				}
			}
		}
	}
	return nil, fmt.Errorf("no virtual serial port has the name %q", name)
}
