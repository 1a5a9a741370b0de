//go:build linux

package vm

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"netperfmeter/test/vm/internal/cases"
)

// kernelArguments: a crash ends the machine; without KASLR and mitigations there is less to emulate, and fast grace
// periods of RCU make network namespaces come and go quickly.
const kernelArguments = "console=ttyS0 quiet panic=1 nokaslr mitigations=off nowatchdog rcupdate.rcu_expedited=1"

// qemu is a running emulator.
type qemu struct {
	console string // its file
	process *os.Process
	ended   chan struct{}
	// How it ended, and the processor time it took; after ended.
	err  error
	used time.Duration
}

// startQemu boots a kernel, with a serial port for cases connected to a socket. The kernel is an ELF file: qemu enters
// it directly (PVH), and the unpacking of a bzImage, half of the time that booting takes under emulation, is saved.
func startQemu(dir, kernel, initramfs, socket string) (*qemu, error) {
	q := &qemu{console: filepath.Join(dir, "console"), ended: make(chan struct{})}
	cmd := exec.Command("qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1024",
		"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-nic", "none",
		"-kernel", filepath.Join(kernel, "vmlinux"), "-initrd", initramfs, "-append", kernelArguments,
		"-serial", "file:"+q.console,
		"-device", "virtio-serial-pci", "-chardev", "socket,id=cases,path="+socket,
		"-device", "virtserialport,chardev=cases,name="+cases.PortName)
	var complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &complaint, &complaint
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		// The signal comes when the thread ends that started the process: it has to wait for it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		q.used = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		if err != nil || complaint.Len() > 0 {
			q.err = fmt.Errorf("qemu: %v: %s", err, &complaint)
		}
		close(q.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("qemu: %w", err)
	}
	q.process = cmd.Process
	return q, nil
}

// tail is the end of what the machine wrote to its console.
func (q *qemu) tail() string {
	const most = 8 << 10
	text, err := os.ReadFile(q.console)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}

// crashed tells whether the console has traces of a fault in the kernel.
func (q *qemu) crashed() bool {
	text, err := os.ReadFile(q.console)
	for _, trace := range []string{"Kernel panic", "kernel BUG at", "BUG: unable to handle", "BUG: kernel NULL pointer", "Oops:"} {
		if err != nil || bytes.Contains(text, []byte(trace)) {
			return true
		}
	}
	return false
}
