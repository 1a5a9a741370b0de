package main

import (
	"strings"
	"unicode/utf8"
)

// column is one column of a table of texts.
type column struct {
	above string // first line of the heading: names a group of columns
	title string
	left  bool // aligned left; figures are aligned right
}

// layOut aligns rows under their headings, two blanks between columns and none
// at the ends of lines. Columns lists what is shown, by index into all.
func layOut(all []column, shown []int, rows [][]string) string {
	widths := make([]int, len(all))
	above := make([]string, len(all))
	titles := make([]string, len(all))
	grouped := false
	for i, c := range all {
		above[i], titles[i] = c.above, c.title
	}
	for _, i := range shown {
		grouped = grouped || above[i] != ""
		widths[i] = max(utf8.RuneCountInString(above[i]), utf8.RuneCountInString(titles[i]))
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var text strings.Builder
	line := func(cells []string) {
		var one strings.Builder
		for n, i := range shown {
			if n > 0 {
				one.WriteString("  ")
			}
			blanks := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cells[i]))
			if all[i].left {
				one.WriteString(cells[i] + blanks)
			} else {
				one.WriteString(blanks + cells[i])
			}
		}
		text.WriteString(strings.TrimRight(one.String(), " ") + "\n")
	}
	if grouped {
		line(above)
	}
	line(titles)
	for _, row := range rows {
		line(row)
	}
	return text.String()
}

// layoutWidth is the length of the longest line.
func layoutWidth(text string) int {
	width := 0
	for line := range strings.Lines(text) {
		width = max(width, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
	}
	return width
}
