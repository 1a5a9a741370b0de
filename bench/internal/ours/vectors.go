//go:build linux

package ours

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"netperfmeter/bench/internal/lab"
)

// Lines is what a per-flow vector file holds.
type Lines struct {
	Count    int
	LastSeq  uint64
	Gapless  bool // SeqNumber rises by one from line to line
	Forward  bool // SeqNumber always rises
	FirstSeq uint64
}

// ReadVector reads a per-flow vector file, plain or bzip2, to its end, and checks
// that every line is numbered and has all its columns.
func ReadVector(name string) (Lines, error) {
	file, err := os.Open(name)
	if err != nil {
		return Lines{}, err
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(name, ".bz2") {
		in = bzip2.NewReader(bufio.NewReaderSize(file, 1<<16))
	}
	lines, err := readLines(bufio.NewReaderSize(in, 1<<20))
	if err != nil {
		err = fmt.Errorf("%s, line %d: %w", name, lines.Count+1, err)
	}
	return lines, err
}

// columns of a row: the line number, and the twelve of the header.
const columns = 13

func readLines(in *bufio.Reader) (Lines, error) {
	l := Lines{Gapless: true, Forward: true}
	header, err := in.ReadSlice('\n')
	if err != nil || !bytes.HasPrefix(header, []byte("AbsTime")) {
		return l, fmt.Errorf("no header: %q", header)
	}
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return l, nil
		}
		if err != nil {
			return l, err
		}
		number, seq, err := parseLine(line)
		if err != nil {
			return l, err
		}
		if number != uint64(l.Count+1) {
			return l, fmt.Errorf("numbered %d", number)
		}
		switch {
		case l.Count == 0:
			l.FirstSeq = seq
		case seq != l.LastSeq+1:
			l.Gapless = false
			l.Forward = l.Forward && seq > l.LastSeq
		}
		l.LastSeq = seq
		l.Count++
	}
}

// parseLine returns the line number and SeqNumber, the fourth column. Columns are
// separated by tabs or, in files of 1.9.x, blanks.
func parseLine(line []byte) (number, seq uint64, err error) {
	column := 0
	inside := false
	for _, c := range line {
		if c == '\t' || c == ' ' || c == '\n' {
			inside = false
			continue
		}
		if !inside {
			column++
			inside = true
		}
		if column != 1 && column != 4 {
			continue
		}
		if c < '0' || c > '9' {
			return 0, 0, fmt.Errorf("column %d is no number", column)
		}
		if column == 1 {
			number = number*10 + uint64(c-'0')
		} else {
			seq = seq*10 + uint64(c-'0')
		}
	}
	if column != columns {
		return 0, 0, fmt.Errorf("%d columns instead of %d", column, columns)
	}
	return number, seq, nil
}

// CheckVector reads the passive side's vector file of flow 0 and compares it with
// the scalars: as many lines as messages and, on a stream, SeqNumber without a gap.
func (r *Run) CheckVector(stream bool) (Lines, error) {
	l, err := ReadVector(r.VectorFile(true, 0))
	if err != nil {
		return l, err
	}
	received, _ := r.Passive.Counter(Flow(0), "Received Packets")
	switch {
	case float64(l.Count) != received:
		err = fmt.Errorf("%d lines for %.0f messages", l.Count, received)
	case stream && !l.Gapless, !l.Forward:
		err = errors.New("a gap or step back in SeqNumber")
	case stream && l.FirstSeq != 0:
		err = fmt.Errorf("SeqNumber starts with %d", l.FirstSeq)
	}
	return l, err
}

// LinesAfter returns how many lines per second of the passive side's vector file of
// flow 0, which holds that many in all, were written after the last message had come.
// It goes by the size of the compressed file while it grew.
func (r *Run) LinesAfter(all int) (float64, error) {
	info, err := os.Stat(r.VectorFile(true, 0))
	if err != nil {
		return 0, err
	}
	last := time.UnixMicro(int64(r.Passive[Flow(0)]["Last Reception"]))
	share, complete, ok := lab.Written(r.passiveFiles, info.Size(), last)
	if !ok {
		return 0, errors.New("the growing of the passive side's vector file was not seen")
	}
	return float64(all) * (1 - share) / complete.Sub(last).Seconds(), nil
}
