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
// it was written at a moment and when it was complete; ok is false if no file was seen
// to reach that size.
func Written(looks []FileSizes, final int64, at time.Time) (share float64, complete time.Time, ok bool) {
	for _, look := range looks {
		for inode, size := range look.Sizes {
			if size != final {
				continue
			}
			before := int64(0)
			for _, earlier := range looks {
				if earlier.At.After(at) {
					break
				}
				before = earlier.Sizes[inode]
			}
			return float64(before) / float64(final), look.At, true
		}
	}
	return 0, time.Time{}, false
}
