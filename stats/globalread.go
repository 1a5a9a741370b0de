package stats

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"netperfmeter/wire"
)

// maxGlobalLine is many times as long as anybody writes a line of a global
// vector.
const maxGlobalLine = 1024

// GlobalLine is one line of a global vector: what a flow, or all of them, had
// sent, received or lost in all at a statistics event.
type GlobalLine struct {
	Time    int64         // microseconds since the epoch
	RelTime time.Duration // since the first event
	Total   bool          // of all flows
	Flow    wire.FlowID   // 0 in a total
	Jitter  float64       // milliseconds
	Action  string        // "Sent", "Received" or "Lost"
	Counts  Counts
}

// ReadGlobalVector reads a global vector of ours or of the reference, which
// separates some columns by blanks (uncompressed), and gives its lines to
// each, which must not keep them. An error names the line that it is about.
func ReadGlobalVector(r io.Reader, each func(*GlobalLine)) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, maxGlobalLine+2), maxGlobalLine+2) // with the end of the line
	var line GlobalLine
	number := 0
	for scanner.Scan() {
		number++
		if number == 1 {
			if !strings.HasPrefix(scanner.Text(), "AbsTime") {
				return errors.New("global vector: has no header")
			}
			continue
		}
		if err := line.parse(scanner.Text()); err != nil {
			return fmt.Errorf("global vector, line %d: %w", number, err)
		}
		each(&line)
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("global vector, line %d: longer than %d bytes", number+1, maxGlobalLine)
	} else if err != nil {
		return fmt.Errorf("global vector, line %d: %w", number+1, err)
	}
	return nil
}

// globalFields is the line's number and the columns of the header.
const globalFields = 14

// parse reads a line: number, AbsTime, RelTime, Interval, FlowID, Description,
// Jitter, Action, and three counts in all and since the event before.
func (l *GlobalLine) parse(text string) error {
	var fields [globalFields]string
	rest := strings.TrimLeft(text, " \t")
	for i := range fields {
		var err error
		if fields[i], rest, err = nextField(rest); err != nil {
			return fmt.Errorf("%w where field %d should be", err, i+1)
		}
	}
	if rest != "" {
		return fmt.Errorf("unexpected %.20q after the counts", rest)
	}
	*l = GlobalLine{Action: fields[7]}
	if l.Action != "Sent" && l.Action != "Received" && l.Action != "Lost" {
		return fmt.Errorf("action %.20q: expected Sent, Received or Lost", l.Action)
	}
	var err error
	if l.Time, err = strconv.ParseInt(fields[1], 10, 64); err != nil {
		return fmt.Errorf("time %.30q is no whole number", fields[1])
	}
	relTime, err := parseReal(fields[2], math.MaxInt64/float64(time.Second))
	if err != nil {
		return fmt.Errorf("relative time %.30q is no number of seconds", fields[2])
	}
	l.RelTime = time.Duration(math.Round(relTime*1e6)) * time.Microsecond
	if l.Jitter, err = parseReal(fields[6], math.MaxFloat64); err != nil {
		return fmt.Errorf("jitter %.30q is no number", fields[6])
	}
	if l.Total = fields[4] == "-1"; !l.Total {
		id, err := strconv.ParseUint(fields[4], 10, 32)
		if err != nil {
			return fmt.Errorf("flow ID %.30q is no number", fields[4])
		}
		l.Flow = wire.FlowID(id)
	}
	for i, to := range [...]*uint64{&l.Counts.Bytes, &l.Counts.Packets, &l.Counts.Frames} {
		if *to, err = strconv.ParseUint(fields[8+i], 10, 64); err != nil {
			return fmt.Errorf("count %.30q is no whole number", fields[8+i])
		}
	}
	return nil
}

// parseReal reads a finite number of at most a magnitude.
func parseReal(text string, most float64) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err == nil && !(math.Abs(v) < most) {
		err = strconv.ErrRange
	}
	return v, err
}
