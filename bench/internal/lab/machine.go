//go:build linux

package lab

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Describe returns Markdown lines with what a figure needs beside it: the date, the
// machine, the kernel, the commit and the command.
func Describe() []string {
	lines := []string{
		"Date: " + time.Now().UTC().Format("2006-01-02 15:04 MST"),
		fmt.Sprintf("Machine: %s, %d cores, %s of memory", cpuModel(), runtime.NumCPU(), memory()),
		fmt.Sprintf("System: %s, %s, Go %s", distribution(), kernel(), strings.TrimPrefix(runtime.Version(), "go")),
	}
	if out, err := exec.Command("git", "describe", "--always", "--dirty", "--tags").Output(); err == nil {
		lines = append(lines, "Commit: "+strings.TrimSpace(string(out)))
	}
	command := append([]string{"go run ./bench/" + filepath.Base(os.Args[0])}, os.Args[1:]...)
	return append(lines, "Command: `"+strings.Join(command, " ")+"`")
}

func cpuModel() string {
	model := fieldOf("/proc/cpuinfo", "model name")
	if model == "" {
		return runtime.GOARCH
	}
	return model
}

func memory() string {
	total := kilobytes(fieldOf("/proc/meminfo", "MemTotal"))
	return fmt.Sprintf("%.0f GB", float64(total)/1e9)
}

func kernel() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "kernel unknown"
	}
	return "Linux " + unix.ByteSliceToString(name.Release[:])
}

func distribution() string {
	text, _ := os.ReadFile("/etc/os-release")
	for _, line := range strings.Split(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(value, `"`)
		}
	}
	return runtime.GOOS
}

// fieldOf returns the value of the first line "name : value" of a file.
func fieldOf(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for _, line := range bytes.Split(text, []byte("\n")) {
		key, value, found := bytes.Cut(line, []byte(":"))
		if found && string(bytes.TrimSpace(key)) == name {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}
