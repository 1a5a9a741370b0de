package stats

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestReadGlobalVector reads what GlobalVector writes.
func TestReadGlobalVector(t *testing.T) {
	flows := []FlowCounters{
		{ID: 7, Description: "a b", Jitter: 0.25, Sent: Counts{1000, 10, 5}, Received: Counts{900, 9, 4}, Lost: Counts{100, 1, 1}},
		{ID: 4294967295, Sent: Counts{1, 1, 1}},
	}
	var text bytes.Buffer
	v := NewGlobalVector(&text)
	for i, at := range []time.Duration{-2 * time.Second, 0, 1500 * time.Millisecond} {
		if err := v.Write(GlobalEvent{Time: int64(1000 + i), RelTime: at, Flows: flows}); err != nil {
			t.Fatal(err)
		}
	}
	var got []GlobalLine
	if err := ReadGlobalVector(&text, func(l *GlobalLine) { got = append(got, *l) }); err != nil {
		t.Fatal(err)
	}
	want := []GlobalLine{
		{1002, 1500 * time.Millisecond, false, 7, 0.25, "Sent", Counts{1000, 10, 5}},
		{1002, 1500 * time.Millisecond, false, 7, 0.25, "Received", Counts{900, 9, 4}},
		{1002, 1500 * time.Millisecond, false, 7, 0.25, "Lost", Counts{100, 1, 1}},
		{1002, 1500 * time.Millisecond, false, 4294967295, 0, "Sent", Counts{1, 1, 1}},
		{1002, 1500 * time.Millisecond, false, 4294967295, 0, "Received", Counts{}},
		{1002, 1500 * time.Millisecond, false, 4294967295, 0, "Lost", Counts{}},
		{1002, 1500 * time.Millisecond, true, 0, 0, "Sent", Counts{1001, 11, 6}},
		{1002, 1500 * time.Millisecond, true, 0, 0, "Received", Counts{900, 9, 4}},
		{1002, 1500 * time.Millisecond, true, 0, 0, "Lost", Counts{100, 1, 1}},
	}
	if len(got) != 27 || !reflect.DeepEqual(got[18:], want) {
		t.Errorf("%d lines, the last of them %+v", len(got), got[max(len(got)-9, 0):])
	}
	if got[0].RelTime != -2*time.Second {
		t.Errorf("warm-up: %v", got[0].RelTime)
	}
}

const globalLine = "000001 1795217084423174 0.5 0.5\t3 \"Flow 3\" 0.125\t\"Sent\"     1000 2 1\t1000 2 1\n"

func TestReadGlobalVectorOfReference(t *testing.T) {
	var got GlobalLine
	err := ReadGlobalVector(strings.NewReader("AbsTime RelTime\n"+globalLine), func(l *GlobalLine) { got = *l })
	want := GlobalLine{1795217084423174, 500 * time.Millisecond, false, 3, 0.125, "Sent", Counts{1000, 2, 1}}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestReadGlobalVectorErrors(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{globalLine, "x", "global vector, line 2: nothing where field 2 should be"},
		{"\"Sent\"", "\"Sold\"", `global vector, line 2: action "Sold": expected Sent, Received or Lost`},
		{"0.5 0.5", "inf 0.5", `global vector, line 2: relative time "inf" is no number of seconds`},
		{"0.5 0.5", "1e300 0.5", `global vector, line 2: relative time "1e300" is no number of seconds`},
		{"0.125", "NaN", `global vector, line 2: jitter "NaN" is no number`},
		{"\t3 ", "\t-2 ", `global vector, line 2: flow ID "-2" is no number`},
		{"1795217084423174", "x", `global vector, line 2: time "x" is no whole number`},
		{"1000 2 1\t", "1000 -2 1\t", `global vector, line 2: count "-2" is no whole number`},
		{"1000 2 1\n", "1000 2 1 9\n", `global vector, line 2: unexpected "9" after the counts`},
		{"Flow 3", strings.Repeat("x", maxGlobalLine), "global vector, line 2: longer than 1024 bytes"},
	} {
		text := "AbsTime\n" + strings.Replace(globalLine, tt.old, tt.new, 1)
		if err := ReadGlobalVector(strings.NewReader(text), func(*GlobalLine) {}); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v", tt.new, err)
		}
	}
	if err := ReadGlobalVector(strings.NewReader(globalLine), func(*GlobalLine) {}); err == nil {
		t.Error("no header, and no error")
	}
	if err := ReadGlobalVector(strings.NewReader(""), func(*GlobalLine) {}); err != nil {
		t.Errorf("an empty file, as a reference writes it: %v", err)
	}
}

func FuzzReadGlobalVector(f *testing.F) {
	f.Add("AbsTime\n" + globalLine)
	f.Add("AbsTime\n" + strings.Replace(globalLine, "3 \"Flow 3\"", "-1\t\"Total\"", 1))
	f.Add("AbsTime\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		ReadGlobalVector(strings.NewReader(text), func(l *GlobalLine) {
			if l.Jitter != l.Jitter || l.Action == "" {
				t.Errorf("%+v", *l)
			}
		})
	})
}
