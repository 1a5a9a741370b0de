package stats

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of what ParseScalars takes, since a file may come from a peer: lines
// many times as long as anybody writes, enough of them for 10,000 flows.
const (
	maxScalarLine  = 512
	maxScalarLines = 1 << 20
)

// Scalar is one line of a scalar file.
type Scalar struct {
	Object string // with its "netPerfMeter.active."
	Name   string
	Text   string // the value as it was written
	Value  float64
}

// ScalarFile has the lines of a scalar file in their order.
type ScalarFile []Scalar

// Find returns the first value of that object and name.
func (f ScalarFile) Find(object, name string) (Scalar, bool) {
	for i := range f {
		if f[i].Object == object && f[i].Name == name {
			return f[i], true
		}
	}
	return Scalar{}, false
}

// ParseScalars reads a scalar file of ours or of the reference (uncompressed).
// Empty lines are skipped. An error names the line that it is about.
func ParseScalars(r io.Reader) (ScalarFile, error) {
	var file ScalarFile
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, maxScalarLine+2), maxScalarLine+2) // with the end of the line
	number := 0
	for scanner.Scan() {
		number++
		if number > maxScalarLines {
			return nil, fmt.Errorf("scalars: more than %d lines", maxScalarLines)
		}
		text := strings.Trim(scanner.Text(), " \t\r")
		if text == "" {
			continue
		}
		scalar, err := parseScalar(text)
		if err != nil {
			return nil, fmt.Errorf("scalars, line %d: %w", number, err)
		}
		file = append(file, scalar)
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("scalars, line %d: longer than %d bytes", number+1, maxScalarLine)
	} else if err != nil {
		return nil, fmt.Errorf("scalars, line %d: %w", number+1, err)
	}
	return file, nil
}

// parseScalar reads `scalar "OBJECT" "NAME" VALUE`.
func parseScalar(line string) (Scalar, error) {
	var fields [4]string
	rest := line
	for i, what := range [...]string{"the word scalar", "an object", "a name", "a value"} {
		var err error
		if fields[i], rest, err = nextField(rest); err != nil {
			return Scalar{}, fmt.Errorf("%w where %s should be", err, what)
		}
	}
	if fields[0] != "scalar" {
		return Scalar{}, fmt.Errorf("begins with %.20q instead of scalar", fields[0])
	}
	if rest != "" {
		return Scalar{}, fmt.Errorf("unexpected %.20q after the value", rest)
	}
	value, err := strconv.ParseFloat(fields[3], 64)
	if err != nil {
		return Scalar{}, fmt.Errorf("%.30q is no number", fields[3])
	}
	return Scalar{Object: fields[1], Name: fields[2], Text: fields[3], Value: value}, nil
}

// nextField cuts off one field, which ends at a blank outside quotes, without
// its quotes, and the blanks after it.
func nextField(s string) (field, rest string, err error) {
	switch {
	case s == "":
		return "", "", errors.New("nothing")
	case s[0] == '"':
		end := strings.IndexByte(s[1:], '"')
		if end < 0 {
			return "", "", errors.New("a quote without its end")
		}
		field, rest = s[1:end+1], s[end+2:]
		if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
			return "", "", errors.New("a quoted text without a blank after it")
		}
	default:
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			end = len(s)
		}
		field, rest = s[:end], s[end:]
		if strings.IndexByte(field, '"') >= 0 {
			return "", "", errors.New("a quote in the middle of a word")
		}
	}
	return field, strings.TrimLeft(rest, " \t"), nil
}
