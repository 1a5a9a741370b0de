//go:build linux

package lab

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Table is a Markdown table under a heading.
type Table struct {
	Title  string
	Header []string
	rows   [][]string
}

// Add appends a row; values other than strings and float64 are printed by fmt.
func (t *Table) Add(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		switch v := cell.(type) {
		case string:
			row[i] = v
		case float64:
			row[i] = Short(v)
		default:
			row[i] = fmt.Sprint(v)
		}
	}
	t.rows = append(t.rows, row)
}

// Write prints the table; one without rows is left out.
func (t *Table) Write(w io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	var b strings.Builder
	if t.Title != "" {
		fmt.Fprintf(&b, "### %s\n\n", t.Title)
	}
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(t.Header, " | "), strings.Repeat("---|", len(t.Header)))
	for _, row := range t.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// Short prints a number with three significant digits and SI letters above 10,000.
func Short(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "-"
	case a >= 1e9:
		return fmt.Sprintf("%.3g G", v/1e9)
	case a >= 1e6:
		return fmt.Sprintf("%.3g M", v/1e6)
	case a >= 1e4:
		return fmt.Sprintf("%.3g k", v/1e3)
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// Spread prints the median and, of several values, the range.
func Spread(values []float64) string {
	if len(values) < 2 {
		return Short(Median(values))
	}
	return fmt.Sprintf("%s (%s to %s)", Short(Median(values)), Short(Quantile(values, 0)), Short(Quantile(values, 1)))
}
