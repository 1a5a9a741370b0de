//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalWidth gives the columns of a terminal; ok is false for anything
// else, such as a file or a pipe.
func terminalWidth(f *os.File) (columns int, ok bool) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, false
	}
	if size.Col == 0 { // a terminal that does not know, such as a serial line
		return 80, true
	}
	return int(size.Col), true
}
