package traffic

import (
	"errors"
	"strconv"
	"strings"

	"netperfmeter/wire"
)

const grammar = "outgoing_rate:outgoing_size[:incoming_rate[:incoming_size[:option]...]] or default[:option]..."

// Parse reads a FLOWSPEC for a flow over p. A TCP flow with cmt=mptcp becomes
// one over MPTCP. The error is a *SpecError.
func Parse(p wire.Protocol, text string, def Defaults) (FlowSpec, error) {
	s := newSpec(p, def)
	err := s.parse(text)
	var wrong *SpecError
	if errors.As(err, &wrong) {
		wrong.Flow = "-" + strings.ToLower(p.String()) + " " + oneLine(text)
		return FlowSpec{}, wrong
	}
	s.settle()
	return s, nil
}

func (s *FlowSpec) parse(text string) error {
	parts := strings.Split(text, ":")
	options, err := s.parseTraffic(parts)
	if err != nil {
		return err
	}
	for _, part := range options {
		if err := s.parseOption(part); err != nil {
			return err
		}
	}
	if s.Protocol == wire.QUIC && s.CC != DefaultCC && s.CC != "reno" && s.CC != "cubic" {
		return &SpecError{Part: optionName("cc=" + s.CC), Expected: "reno, cubic or default over QUIC"}
	}
	return nil
}

// parseTraffic reads the rates and sizes and returns what follows them.
func (s *FlowSpec) parseTraffic(parts []string) (options []string, err error) {
	if parts[0] == "default" {
		s.setDefaultTraffic()
		return parts[1:], nil
	}
	slots := [...]struct {
		name  string
		d     *wire.Distribution
		forms string
	}{
		{"outgoing rate", &s.Outgoing.Rate, "default, " + rateForms},
		{"outgoing size", &s.Outgoing.Size, sizeForms},
		{"incoming rate", &s.Incoming.Rate, rateForms + "; options come after all four values"},
		{"incoming size", &s.Incoming.Size, sizeForms + "; options come after all four values"},
	}
	for i, slot := range slots[:min(len(slots), len(parts))] {
		d, expected := parseDistribution(parts[i])
		if expected == rateForms {
			expected = slot.forms
		}
		if expected != "" {
			return nil, &SpecError{Part: slot.name + " " + strconv.Quote(parts[i]), Expected: expected}
		}
		*slot.d = d
	}
	if len(parts) == 1 {
		return nil, &SpecError{Part: strconv.Quote(parts[0]), Expected: "a size after it: " + grammar}
	}
	for i, d := range [...]Direction{s.Outgoing, s.Incoming} {
		if part, expected := d.problem(); expected != "" {
			at := 2*i + part
			return nil, &SpecError{Part: slots[at].name + " " + strconv.Quote(parts[at]), Expected: expected}
		}
	}
	return parts[min(len(slots), len(parts)):], nil
}

// settle brings protocol and warnings into line with all options.
func (s *FlowSpec) settle() {
	if s.Protocol == wire.TCP && s.CMT == CMTLikeMPTCP {
		s.Protocol = wire.MPTCP
	}
	s.warn()
}
