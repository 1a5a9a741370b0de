package main

import (
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// setter is what an option does with its value.
type setter = func(line *commandLine, value string) error

// addFlows adds a flow for each word. Where the transport has streams, the
// words are the streams of one association or connection.
func addFlows(protocol wire.Protocol) setter {
	return func(line *commandLine, value string) error {
		for i, word := range strings.Split(value, wordSeparator) {
			spec, err := traffic.Parse(protocol, word, traffic.Defaults{SndBuf: line.sndbuf, RcvBuf: line.rcvbuf})
			if err != nil {
				return err
			}
			spec.Stream = wire.StreamID(i)
			name := "-" + strings.ToLower(protocol.String()) + " " + word
			line.flows = append(line.flows, lineFlow{spec: spec, option: name, local: line.local})
			for _, warning := range spec.Warnings {
				line.warnings = append(line.warnings, name+": "+warning)
			}
		}
		return nil
	}
}

// parseCount reads a whole number within bounds.
func parseCount(value string, least, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil || n < least || n > most {
		return 0, errExpected
	}
	return n, nil
}

// parseSeconds reads a positive number of seconds. What Go reads beyond
// decimal numbers (inf, 0x1p3) is not one.
func parseSeconds(value string, least, most time.Duration) (time.Duration, error) {
	if strings.Trim(value, "0123456789.eE+-") != "" {
		return 0, errExpected
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || seconds < least.Seconds() || seconds > most.Seconds() {
		return 0, errExpected
	}
	return time.Duration(math.Round(seconds * 1e9)), nil
}

// longestRun bounds --runtime: 31 years.
const longestRun = 1e9 * time.Second

func setRuntime(line *commandLine, value string) (err error) {
	line.runtime, err = parseSeconds(value, time.Nanosecond, longestRun)
	return err
}

func setInterval(line *commandLine, value string) (err error) {
	// Whole milliseconds, as a passive side of ours is told.
	line.interval, err = parseSeconds(value, 10*time.Millisecond, 24*time.Hour)
	line.interval = line.interval.Round(time.Millisecond)
	return err
}

func setDeadline(line *commandLine, value string) (err error) {
	line.deadline, err = parseSeconds(value, time.Millisecond, longestRun)
	return err
}

func setWait(line *commandLine, value string) (err error) {
	line.wait, err = parseSeconds(value, time.Millisecond, longestRun)
	return err
}

func setPeerTimeout(line *commandLine, value string) (err error) {
	line.peerTimeout, err = parseSeconds(value, 5*time.Second, 24*time.Hour)
	return err
}

func setJSONLines(line *commandLine, _ string) error {
	line.results.lines = true
	return nil
}

func setOmit(line *commandLine, value string) (err error) {
	line.omit, err = parseSeconds(value, time.Millisecond, 24*time.Hour)
	return err
}

func setCount(line *commandLine, value string) error {
	n, err := parseCount(value, 1, 65536)
	line.count = int(n)
	return err
}

func setSeed(line *commandLine, value string) (err error) {
	line.seed, err = parseCount(value, 1, math.MaxUint64)
	return err
}

func setBatch(line *commandLine, value string) error {
	n, err := parseCount(value, 1, 65536)
	line.batch = int(n)
	return err
}

func setVectorEvery(line *commandLine, value string) error {
	n, err := parseCount(value, 1, math.MaxUint32)
	line.vectorEvery = int(n)
	return err
}

func setTimer(line *commandLine, value string) error {
	switch value {
	case "precise":
		line.timer = flow.Precise
	case "economical":
		line.timer = flow.Economical
	default:
		return errExpected
	}
	return nil
}

func setPeerVersion(line *commandLine, value string) error {
	switch value {
	case control.Version19.String():
		line.peerVersion = control.Version19
	case control.Version20.String():
		line.peerVersion = control.Version20
	default:
		return errExpected
	}
	return nil
}

func setFile(file func(*commandLine) *string) setter {
	return func(line *commandLine, value string) error {
		if value == "" || strings.HasSuffix(value, "/") {
			return errExpected
		}
		*file(line) = value
		return nil
	}
}

func setText(text func(*commandLine) *string) setter {
	return func(line *commandLine, value string) error {
		*text(line) = value
		return nil
	}
}

func setBytes(bytes func(*commandLine) *int) setter {
	return func(line *commandLine, value string) error {
		n, err := parseCount(value, 0, math.MaxInt32)
		*bytes(line) = int(n)
		return err
	}
}

func setAddresses(list func(*commandLine) *addressList) setter {
	return func(line *commandLine, value string) error {
		var addresses addressList
		for text := range strings.SplitSeq(value, ",") {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return errExpected
			}
			if slices.Contains(addresses, address.Unmap()) {
				return fmt.Errorf("%s comes twice", text)
			}
			addresses = append(addresses, address.Unmap())
		}
		*list(line) = addresses
		return nil
	}
}

// offloadNames are the words of --disable.
var offloadNames = []string{"gso", "gro", "mmsg", "timestamps"}

func setDisable(line *commandLine, value string) error {
	offloads := channels.Offloads{}
	for word := range strings.SplitSeq(value, ",") {
		switch word {
		case "gso":
			offloads.NoGSO = true
		case "gro":
			offloads.NoGRO = true
		case "mmsg":
			offloads.NoMmsg = true
		case "timestamps":
			offloads.NoTimestamps = true
		default:
			return errExpected
		}
	}
	line.offloads = offloads
	return nil
}

// chooseControl takes -x, -y and -w. The last one says what the active side
// uses; the passive side accepts all of them.
func chooseControl(protocol wire.Protocol) setter {
	return func(line *commandLine, _ string) error {
		line.control = protocol
		line.accept[protocol] = true
		if protocol == wire.MPTCP {
			line.accept[wire.TCP] = true
		}
		return nil
	}
}

func refuseControl(protocol wire.Protocol) setter {
	return func(line *commandLine, _ string) error {
		line.accept[protocol] = false
		if protocol == wire.TCP {
			line.accept[wire.MPTCP] = false
		}
		return nil
	}
}

func setTLS(name string) setter {
	return func(line *commandLine, value string) error {
		if value == "" {
			return errExpected
		}
		line.unavailable = append(line.unavailable, "--"+name)
		return nil
	}
}

// logLevels are the levels of --loglevel, on slog's scale.
var logLevels = [...]slog.Level{levelTrace, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, levelFatal}

func setLogLevel(line *commandLine, value string) error {
	n, err := parseCount(value, 0, uint64(len(logLevels)-1))
	if err == nil {
		line.logLevel = logLevels[n]
	}
	return err
}

func setLogColor(line *commandLine, value string) error {
	if value != "on" && value != "off" {
		return errExpected
	}
	line.logColor = value
	return nil
}

func setLogFormat(line *commandLine, value string) error {
	if value != "text" && value != "json" {
		return errExpected
	}
	line.logJSON = value == "json"
	return nil
}

func setMetrics(line *commandLine, value string) error {
	at, err := netip.ParseAddrPort(value)
	if err != nil {
		return errExpected
	}
	line.metrics = at
	return nil
}

func setLogFile(appending bool) setter {
	return func(line *commandLine, value string) error {
		if value == "" {
			return errExpected
		}
		line.logFile, line.logAppend = value, appending
		return nil
	}
}

func ignore(name string) setter {
	return func(line *commandLine, _ string) error {
		line.warnings = append(line.warnings, "--"+name+" is obsolete and has no effect")
		return nil
	}
}
