package traffic

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"netperfmeter/wire"
)

// errExpected is what a setter returns for a value that is not what its option
// expects.
var errExpected = errors.New("not what the option expects")

// option is a row of the table of options. Setting it returns errExpected or a
// *SpecError.
type option struct {
	name    string // with the = of those that have a value
	expects string
	set     func(s *FlowSpec, value string) error
}

const (
	fraction   = "a fraction of 0 to 1"
	onOrOff    = "on or off"
	bufferSize = "a number of bytes, 0 (the system's) to 2147483647"
)

// options lists the options in the order of the documentation.
var options = [...]option{
	{"id=", "a number of 0 to 4294967295", setID},
	{"description=", "a text", setDescription},
	{"maxmsgsize=", "a number of bytes (128 to 65535)", setMaxMsgSize},
	{"defragtimeout=", "a number of milliseconds, 1 to 86400000", setDefragTimeout},
	{"ordered=", fraction, setFraction(func(s *FlowSpec, f float64) { s.Ordered = f })},
	{"unordered=", fraction, setFraction(func(s *FlowSpec, f float64) { s.Ordered = 1 - f })},
	{"reliable=", fraction, setFraction(func(s *FlowSpec, f float64) { s.Reliable = f })},
	{"unreliable=", fraction, setFraction(func(s *FlowSpec, f float64) { s.Reliable = 1 - f })},
	{"rtx_timeout=", "a number of milliseconds, 0 to 2147483646", setRtx(true)},
	{"rtx_trials=", "a number of 0 to 2147483646", setRtx(false)},
	{"sndbuf=", bufferSize, setBuffer(func(s *FlowSpec) *int { return &s.SndBuf })},
	{"rcvbuf=", bufferSize, setBuffer(func(s *FlowSpec) *int { return &s.RcvBuf })},
	{"onoff=", onOffForm, setOnOff},
	{"error_on_abort=", onOrOff, setBool(func(s *FlowSpec) *bool { return &s.ErrorOnAbort })},
	{"nodelay=", onOrOff, setBool(func(s *FlowSpec) *bool { return &s.NoDelay })},
	{"cc=", "the name of a congestion control, 1 to 16 bytes", setCC},
	{"cmt=", "off, cmt, cmtrpv1, cmtrpv2, mptcp, like-mptcp, mptcp-like or 0 to 255", setCMT},
	{"ccid=", "a number of 0 to 255", setCCID},
	{"v6only", "nothing after it", setV6Only},
	{"debug=", onOrOff, setBool(func(s *FlowSpec) *bool { return &s.Debug })},
	{"ndiffports=", "", setObsolete("ndiffports")},
	{"pathmgr=", "", setObsolete("pathmgr")},
	{"scheduler=", "", setObsolete("scheduler")},
}

func optionName(text string) string { return "option " + strconv.Quote(text) }

// parseOption sets what one option says. Of several that say the same thing
// the last one counts.
func (s *FlowSpec) parseOption(text string) error {
	name, _, hasValue := strings.Cut(text, "=")
	for i := range options {
		o := &options[i]
		if name != strings.TrimSuffix(o.name, "=") {
			continue
		}
		if hasValue != strings.HasSuffix(o.name, "=") {
			return &SpecError{Part: optionName(text), Expected: o.form()}
		}
		err := o.set(s, strings.TrimPrefix(text, o.name))
		if err == errExpected {
			return &SpecError{Part: optionName(text), Expected: o.expects}
		}
		return err
	}
	return &SpecError{Part: optionName(text), Expected: optionList()}
}

// form says how the option is written, for one with or without a value that
// should be the other way.
func (o *option) form() string {
	if strings.HasSuffix(o.name, "=") {
		return o.name + "<value>"
	}
	return o.name + " without a value"
}

func optionList() string {
	names := make([]string, len(options))
	for i := range options {
		names[i] = options[i].name
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// parseWhole reads a whole number, digits only.
func parseWhole(text string, least, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, errExpected
	}
	return n, nil
}

func setID(s *FlowSpec, value string) error {
	n, err := parseWhole(value, 0, math.MaxUint32)
	s.ID, s.IDSet = wire.FlowID(n), true
	return err
}

func setDescription(s *FlowSpec, value string) error {
	s.Description = value
	return nil
}

func setMaxMsgSize(s *FlowSpec, value string) error {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return errExpected
	}
	s.MaxMsgSize = int(min(max(n, MinMaxMsgSize), wire.MaxMessageSize))
	if n != uint64(s.MaxMsgSize) {
		s.warnf("maxmsgsize=%s is out of range (%d to %d), %d is used", value, MinMaxMsgSize, wire.MaxMessageSize, s.MaxMsgSize)
	}
	return nil
}

func setDefragTimeout(s *FlowSpec, value string) error {
	ms, err := parseWhole(value, 1, 86_400_000)
	s.DefragTimeout = time.Duration(ms) * time.Millisecond
	return err
}

func setFraction(set func(*FlowSpec, float64)) func(*FlowSpec, string) error {
	return func(s *FlowSpec, value string) error {
		f, ok := parseNumber(value)
		if !ok || f > 1 {
			return errExpected
		}
		set(s, f)
		return nil
	}
}

// setRtx stays below the value that stands for the transport's default on the
// wire.
func setRtx(milliseconds bool) func(*FlowSpec, string) error {
	return func(s *FlowSpec, value string) error {
		n, err := parseWhole(value, 0, math.MaxInt32-1)
		s.Rtx = Retransmission{Set: true, Milliseconds: milliseconds, Value: uint32(n)}
		return err
	}
}

func setBuffer(field func(*FlowSpec) *int) func(*FlowSpec, string) error {
	return func(s *FlowSpec, value string) error {
		n, err := parseWhole(value, 0, wire.MaxBuffer)
		*field(s) = int(n)
		return err
	}
}

func setBool(field func(*FlowSpec) *bool) func(*FlowSpec, string) error {
	return func(s *FlowSpec, value string) error {
		if value != "on" && value != "off" {
			return errExpected
		}
		*field(s) = value == "on"
		return nil
	}
}

func setCC(s *FlowSpec, value string) error {
	notName := func(r rune) bool { return r <= ' ' || r > '~' }
	if value == "" || len(value) > wire.MaxName || strings.ContainsFunc(value, notName) {
		return errExpected
	}
	s.CC = value
	return nil
}

// cmtNames lists the words for CMT, the one that is written first. The last
// two are those of old versions.
var cmtNames = [...]struct {
	name  string
	value uint8
}{
	{"off", CMTOff},
	{"cmt", CMTOn},
	{"cmtrpv1", CMTRPv1},
	{"cmtrpv2", CMTRPv2},
	{"mptcp", CMTLikeMPTCP},
	{"like-mptcp", CMTLikeMPTCP},
	{"mptcp-like", CMTLikeMPTCP},
	{"normal", CMTOn},
	{"rp", CMTRPv1},
}

func setCMT(s *FlowSpec, value string) error {
	n, err := parseWhole(value, 0, math.MaxUint8)
	for _, word := range cmtNames {
		if word.name == value {
			n, err = uint64(word.value), nil
		}
	}
	if err == nil && s.Protocol == wire.MPTCP && n != CMTLikeMPTCP {
		return &SpecError{Part: optionName("cmt=" + value), Expected: "mptcp, like-mptcp, mptcp-like or 4 over MPTCP"}
	}
	s.CMT = uint8(n)
	return err
}

func setCCID(s *FlowSpec, value string) error {
	n, err := parseWhole(value, 0, math.MaxUint8)
	s.CCID = uint8(n)
	return err
}

func setV6Only(s *FlowSpec, _ string) error {
	s.V6Only = true
	return nil
}

func setObsolete(name string) func(*FlowSpec, string) error {
	return func(s *FlowSpec, value string) error {
		s.warnf("%s=%s is obsolete and has no effect", name, oneLine(value))
		return nil
	}
}
