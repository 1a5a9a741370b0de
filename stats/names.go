package stats

import (
	"fmt"
	"os"
	"strings"

	"netperfmeter/wire"
)

// Pattern is what a user's file name for scalars or vectors stands for: the
// names of several files that share Base and Suffix.
type Pattern struct {
	Base     string // with the directory
	Suffix   string // with its dot, "" if there is none
	Compress bool   // the files are bzip2 streams
}

// bzip2Suffix at the end of a pattern asks for compression.
const bzip2Suffix = ".bz2"

// Names splits a pattern: the suffix begins at the last dot of the file name,
// or at the dot before it if the last one begins ".bz2". Dots in directory
// names do not count. The empty pattern gives names too, since the
// configuration file names files that nobody writes. An error names the pattern.
func Names(pattern string) (Pattern, error) {
	if strings.ContainsRune(pattern, 0) {
		return Pattern{}, fmt.Errorf("file name %q: contains a NUL character", pattern)
	}
	if pattern != "" && os.IsPathSeparator(pattern[len(pattern)-1]) {
		return Pattern{}, fmt.Errorf("file name %q: is a directory, a file name is needed", pattern)
	}
	rest, compress := strings.CutSuffix(pattern, bzip2Suffix)
	cut := len(rest)
	if dot := lastDot(rest); dot >= 0 {
		cut = dot
	}
	return Pattern{Base: pattern[:cut], Suffix: pattern[cut:], Compress: compress}, nil
}

// lastDot returns the index of the last dot of the path's last element, -1 if
// it has none.
func lastDot(path string) int {
	for i := len(path) - 1; i >= 0 && !os.IsPathSeparator(path[i]); i-- {
		if path[i] == '.' {
			return i
		}
	}
	return -1
}

// Active returns the name of the active side's scalar or global vector file.
func (p Pattern) Active() string { return p.Base + "-active" + p.Suffix }

// Passive returns the name of the passive side's scalar or global vector file.
func (p Pattern) Passive() string { return p.Base + "-passive" + p.Suffix }

// Flow returns the name of a flow's vector file.
func (p Pattern) Flow(passive bool, id wire.FlowID, stream wire.StreamID) string {
	side := "active"
	if passive {
		side = "passive"
	}
	return fmt.Sprintf("%s-%s-%08x-%04x%s", p.Base, side, uint32(id), uint16(stream), p.Suffix)
}

// Transport returns the name of a flow's transport vector file.
func (p Pattern) Transport(passive bool, id wire.FlowID, stream wire.StreamID) string {
	return strings.TrimSuffix(p.Flow(passive, id, stream), p.Suffix) + "-transport" + p.Suffix
}
