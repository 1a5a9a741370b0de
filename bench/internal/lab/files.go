//go:build linux

package lab

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// FileSizes is one look at the unnamed files that a process holds open: their sizes
// by inode number.
type FileSizes struct {
	At    time.Time
	Sizes map[uint64]int64
}

// UnnamedFiles looks at the files of a process that have no name any more or never
// had one, as the kernel's links to them say.
func UnnamedFiles(pid int) FileSizes {
	look := FileSizes{At: time.Now(), Sizes: map[uint64]int64{}}
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	entries, _ := os.ReadDir(folder) // an ended process has none
	for _, entry := range entries {
		link := folder + "/" + entry.Name()
		target, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(target, "/") || !strings.HasSuffix(target, " (deleted)") {
			continue
		}
		info, err := os.Stat(link)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if system, ok := info.Sys().(*syscall.Stat_t); ok {
			look.Sizes[system.Ino] = info.Size()
		}
	}
	return look
}

// Written follows the file that ended with the given size. It returns which share of
// it was written at a moment, and when it was complete: seen with that size, or gone
// after it had most of it. ok is false if there was no such file.
func Written(looks []FileSizes, final int64, at time.Time) (share float64, complete time.Time, ok bool) {
	const most = 0.8
	inode, seen := uint64(0), int64(0)
	for _, look := range looks {
		for file, size := range look.Sizes {
			if size <= final && size > seen {
				inode, seen = file, size
			}
		}
	}
	if float64(seen) < most*float64(final) {
		return 0, time.Time{}, false
	}
	before := int64(0)
	for _, look := range looks {
		size, there := look.Sizes[inode]
		if there && !look.At.After(at) {
			before = size
		}
		if there && size < seen {
			continue
		}
		if size == final || !complete.IsZero() && !there {
			return float64(before) / float64(final), look.At, true
		}
		if there {
			complete = look.At
		}
	}
	return float64(before) / float64(final), complete, true
}
