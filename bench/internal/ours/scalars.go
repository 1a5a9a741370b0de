//go:build linux

package ours

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Scalars is one scalar file: values by object ("flow[0]", "total", "CPU[1]", ...)
// and name.
type Scalars map[string]map[string]float64

// readScalars reads the lines `scalar "netPerfMeter.SIDE.OBJECT" "NAME" VALUE`.
func readScalars(name, side string) (Scalars, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	result := Scalars{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		part := strings.Split(lines.Text(), `"`)
		if len(part) != 5 || part[0] != "scalar " {
			return nil, fmt.Errorf("%s: not a scalar line: %s", name, lines.Text())
		}
		object, ok := strings.CutPrefix(part[1], "netPerfMeter."+side+".")
		value, err := strconv.ParseFloat(strings.TrimSpace(part[4]), 64)
		if !ok || err != nil {
			return nil, fmt.Errorf("%s: wrong object or value: %s", name, lines.Text())
		}
		if result[object] == nil {
			result[object] = map[string]float64{}
		}
		result[object][part[3]] = value
	}
	return result, lines.Err()
}

// Flow returns the object of a flow.
func Flow(id int) string { return fmt.Sprintf("flow[%d]", id) }

// Counter returns a value, and whether it is there.
func (s Scalars) Counter(object, name string) (float64, bool) {
	value, ok := s[object][name]
	return value, ok
}

// Span returns the time from a flow's first message to its last one; direction is
// "Transmission" or "Reception".
func (s Scalars) Span(flow int, direction string) time.Duration {
	object := s[Flow(flow)]
	return time.Duration(object["Last "+direction]-object["First "+direction]) * time.Microsecond
}

// Rate returns a flow's frames per second: the gaps between the first and the last
// one over their time. Direction is "Transmitted" or "Received".
func (s Scalars) Rate(flow int, direction string) float64 {
	name := map[string]string{"Transmitted": "Transmission", "Received": "Reception"}[direction]
	frames := s[Flow(flow)][direction+" Frames"]
	span := s.Span(flow, name).Seconds()
	if frames < 2 || span <= 0 {
		return 0
	}
	return (frames - 1) / span
}

// CheckFlow compares the two ends of a flow that must not lose anything: what was
// sent is received, in messages and bytes, in both directions.
func (r *Run) CheckFlow(flow int) error {
	object := Flow(flow)
	for _, way := range []struct{ from, to Scalars }{{r.Active, r.Passive}, {r.Passive, r.Active}} {
		for _, what := range []string{"Bytes", "Packets", "Frames"} {
			sent, there := way.from.Counter(object, "Transmitted "+what)
			received, here := way.to.Counter(object, "Received "+what)
			if !there || !here || sent != received {
				return fmt.Errorf("%s: %.0f %s sent, %.0f received", object, sent, what, received)
			}
		}
	}
	if lost := r.Passive["total"]["Lost Packets"]; lost != 0 {
		return fmt.Errorf("%.0f messages counted as lost on a stream", lost)
	}
	return nil
}

// CheckLoss compares the two ends of a flow that may lose messages: what was sent is
// either received or counted as lost.
func (r *Run) CheckLoss(flow int) error {
	sent := r.Active[Flow(flow)]["Transmitted Packets"]
	received := r.Passive[Flow(flow)]["Received Packets"]
	lost := r.Passive["total"]["Lost Packets"]
	if received == 0 || received+lost != sent {
		return fmt.Errorf("%.0f messages sent, %.0f received, %.0f lost", sent, received, lost)
	}
	return nil
}
