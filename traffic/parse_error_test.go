package traffic

import (
	"errors"
	"strings"
	"testing"

	"netperfmeter/wire"
)

func TestParseErrors(t *testing.T) {
	const (
		optionNames = "id=, description=, maxmsgsize=, defragtimeout=, ordered=, unordered=, reliable=, unreliable=, rtx_timeout=, " +
			"rtx_trials=, sndbuf=, rcvbuf=, onoff=, error_on_abort=, nodelay=, cc=, cmt=, ccid=, v6only, debug=, ndiffports=, pathmgr= or scheduler="
		afterValues = "; options come after all four values"
		times       = "<t1>,<t2>,...[,repeat], each time seconds or a distribution, with + in front if relative to the time before"
	)
	tests := []struct{ text, want string }{
		{"", `outgoing rate "": expected default, ` + rateForms},
		{"defualt", `outgoing rate "defualt": expected default, ` + rateForms},
		{"const10", `"const10": expected a size after it: outgoing_rate:outgoing_size[:incoming_rate[:incoming_size[:option]...]] or default[:option]...`},
		{"const10:bad", `outgoing size "bad": expected ` + sizeForms},
		{"const10:", `outgoing size "": expected ` + sizeForms},
		{"const10:const5:bad", `incoming rate "bad": expected ` + rateForms + afterValues},
		{"const10:const5:nodelay=on", `incoming rate "nodelay=on": expected ` + rateForms + afterValues},
		{"const10:const5:const0:v6only", `incoming size "v6only": expected ` + sizeForms + afterValues},
		{"default:const10", `option "const10": expected ` + optionNames},
		{"const10:const5:const0:const0:", `option "": expected ` + optionNames},
		{"default:speed=5", `option "speed=5": expected ` + optionNames},
		{"default:NODELAY=on", `option "NODELAY=on": expected ` + optionNames},
		{"const-1:const5", `outgoing rate "const-1": expected const<v> with a number >= 0`},
		{"1e8:const5", `outgoing rate "1e8": expected a rate of 0 (as fast as the transport takes it) or 0.000001 to 10000000 frames/s`},
		{"const1e-7:const5", `outgoing rate "const1e-7": expected a rate of 0 (as fast as the transport takes it) or 0.000001 to 10000000 frames/s`},
		{"exp0:const5", `outgoing rate "exp0": expected a mean rate of 0.000001 to 10000000 frames/s`},
		{"const5:poisson5", `outgoing size "poisson5": expected a size: poisson<rate> is for rates only`},
		{"const5:2e9", `outgoing size "2e9": expected a size of at most 1073741824 bytes`},
		{"const5:const5:normal0,0:const5", `incoming rate "normal0,0": expected a mean or a standard deviation of 0.000001 to 10000000 frames/s, and none above`},
		{"const5:const5:const5:exp3e9", `incoming size "exp3e9": expected a mean size of at most 1073741824 bytes`},
		{"const10:uniform1000,0.5", `outgoing size "uniform1000,0.5": expected uniform<a>,<b> with a <= b; up to 1.9.x it meant a x (1 - b) to a x (1 + b), now written uniform500,1500`},

		{"default:id=", `option "id=": expected a number of 0 to 4294967295`},
		{"default:id", `option "id": expected id=<value>`},
		{"default:id=4294967296", `option "id=4294967296": expected a number of 0 to 4294967295`},
		{"default:id=-1", `option "id=-1": expected a number of 0 to 4294967295`},
		{"default:id=0x10", `option "id=0x10": expected a number of 0 to 4294967295`},
		{"default:maxmsgsize=big", `option "maxmsgsize=big": expected a number of bytes (128 to 65535)`},
		{"default:maxmsgsize=-5", `option "maxmsgsize=-5": expected a number of bytes (128 to 65535)`},
		{"default:defragtimeout=0", `option "defragtimeout=0": expected a number of milliseconds, 1 to 86400000`},
		{"default:defragtimeout=5s", `option "defragtimeout=5s": expected a number of milliseconds, 1 to 86400000`},
		{"default:ordered=1.1", `option "ordered=1.1": expected a fraction of 0 to 1`},
		{"default:unordered=-0.1", `option "unordered=-0.1": expected a fraction of 0 to 1`},
		{"default:reliable=on", `option "reliable=on": expected a fraction of 0 to 1`},
		{"default:unreliable=nan", `option "unreliable=nan": expected a fraction of 0 to 1`},
		{"default:rtx_timeout=2147483647", `option "rtx_timeout=2147483647": expected a number of milliseconds, 0 to 2147483646`},
		{"default:rtx_trials=2147483647", `option "rtx_trials=2147483647": expected a number of 0 to 2147483646`},
		{"default:sndbuf=2147483648", `option "sndbuf=2147483648": expected a number of bytes, 0 (the system's) to 2147483647`},
		{"default:rcvbuf=1M", `option "rcvbuf=1M": expected a number of bytes, 0 (the system's) to 2147483647`},
		{"default:error_on_abort=yes", `option "error_on_abort=yes": expected on or off`},
		{"default:nodelay", `option "nodelay": expected nodelay=<value>`},
		{"default:nodelay=", `option "nodelay=": expected on or off`},
		{"default:cc=", `option "cc=": expected the name of a congestion control, 1 to 16 bytes`},
		{"default:cc=seventeenletters!", `option "cc=seventeenletters!": expected the name of a congestion control, 1 to 16 bytes`},
		{"default:cc=a b", `option "cc=a b": expected the name of a congestion control, 1 to 16 bytes`},
		{"default:cmt=on", `option "cmt=on": expected off, cmt, cmtrpv1, cmtrpv2, mptcp, like-mptcp, mptcp-like or 0 to 255`},
		{"default:cmt=256", `option "cmt=256": expected off, cmt, cmtrpv1, cmtrpv2, mptcp, like-mptcp, mptcp-like or 0 to 255`},
		{"default:ccid=256", `option "ccid=256": expected a number of 0 to 255`},
		{"default:v6only=on", `option "v6only=on": expected v6only without a value`},
		{"default:debug=1", `option "debug=1": expected on or off`},
		{"default:pathmgr", `option "pathmgr": expected pathmgr=<value>`},

		{"default:onoff=", `onoff entry 1 "": expected ` + times},
		{"default:onoff=repeat", `onoff entry 1 "repeat": expected ` + times},
		{"default:onoff=+1,repeat,+2", `onoff entry 2 "repeat": expected ` + times},
		{"default:onoff=1,,2", `onoff entry 2 "": expected ` + times},
		{"default:onoff=1,-2", `onoff entry 2 "-2": expected ` + times},
		{"default:onoff=++1", `onoff entry 1 "++1": expected ` + times},
		{"default:onoff=1,+pareto0.1", `onoff entry 2 "+pareto0.1": expected pareto<location>,<shape> with two numbers >= 0`},
		{"default:onoff=+pareto0.1,+2", `onoff entry 1 "+pareto0.1,+2": expected pareto<location>,<shape> with two numbers >= 0`},
		{"default:onoff=+uniform2,1", `onoff entry 1 "+uniform2,1": expected uniform<a>,<b> with a <= b; up to 1.9.x it meant a x (1 - b) to a x (1 + b), now written uniform0,4`},
		{"default:onoff=+1,+1,+1,repeat", `onoff repeat after an odd number of entries (3): expected an even number: the last one turns the flow off`},
		{"default:onoff=+1,2,repeat", `onoff entry 2 "2": expected a relative time, +2: a list with repeat has no others`},
		{"default:onoff=+0,+0,repeat", `onoff repeat: expected a list that is on for at least 0.000001 s in each round`},
		{"default:onoff=2e9", `onoff entry 1 "2000000000": expected a time of at most 1000000000 s`},
		{"default:onoff=poisson5", `onoff entry 1 "poisson5": expected a time: poisson<rate> is for rates only`},
		{"default:onoff=" + strings.Repeat("1,", wire.MaxEvents) + "2", "onoff list of 1634 entries: expected at most 1633"},
	}
	for _, tt := range tests {
		s, err := Parse(wire.TCP, tt.text, Defaults{})
		want := "-tcp " + tt.text + ": " + tt.want
		var wrong *SpecError
		if !errors.As(err, &wrong) || err.Error() != want {
			t.Errorf("%s: %+v, error %v, want %s", tt.text, s, err, want)
		}
	}
}

func TestParseErrorsOfOtherTransports(t *testing.T) {
	tests := []struct {
		protocol   wire.Protocol
		text, want string
	}{
		{wire.MPTCP, "default:cmt=off", `-mptcp default:cmt=off: option "cmt=off": expected mptcp, like-mptcp, mptcp-like or 4 over MPTCP`},
		{wire.MPTCP, "default:cmt=cmt", `-mptcp default:cmt=cmt: option "cmt=cmt": expected mptcp, like-mptcp, mptcp-like or 4 over MPTCP`},
		{wire.MPTCP, "default:cmt=x", `-mptcp default:cmt=x: option "cmt=x": expected off, cmt, cmtrpv1, cmtrpv2, mptcp, like-mptcp, mptcp-like or 0 to 255`},
		{wire.QUIC, "default:cc=bbr", `-quic default:cc=bbr: option "cc=bbr": expected reno, cubic or default over QUIC`},
		{wire.UDP, "a\x1b[31m\nb", `-udp "a\x1b[31m\nb": outgoing rate "a\x1b[31m\nb": expected default, ` + rateForms},
		{wire.UDP, "1:2\xff", `-udp "1:2\xff": outgoing size "2\xff": expected ` + sizeForms},
	}
	for _, tt := range tests {
		if _, err := Parse(tt.protocol, tt.text, Defaults{}); err == nil || err.Error() != tt.want {
			t.Errorf("%q: error %v, want %s", tt.text, err, tt.want)
		}
	}
}
