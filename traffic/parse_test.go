package traffic

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"netperfmeter/wire"
)

// spec is the specification that a text of four values gives, changed by f.
func spec(p wire.Protocol, outRate, outSize, inRate, inSize wire.Distribution, f func(*FlowSpec)) FlowSpec {
	s := FlowSpec{
		Protocol: p,
		Outgoing: Direction{outRate, outSize},
		Incoming: Direction{inRate, inSize},

		MaxMsgSize: 16000, DefragTimeout: 5 * time.Second, Ordered: 1, Reliable: 1,
		ErrorOnAbort: true, CC: "default",
	}
	if p == wire.MPTCP {
		s.CMT = 4
	}
	if f != nil {
		f(&s)
	}
	return s
}

func TestParse(t *testing.T) {
	c := constant
	tests := []struct {
		protocol wire.Protocol
		text     string
		want     FlowSpec
	}{
		{wire.TCP, "const10:const1460", spec(wire.TCP, c(10), c(1460), c(0), c(0), nil)},
		{wire.TCP, "10:1460", spec(wire.TCP, c(10), c(1460), c(0), c(0), nil)},
		{wire.TCP, "const10:const1460:const5", spec(wire.TCP, c(10), c(1460), c(5), c(0), nil)},
		{wire.TCP, "const0:const1460:const10:const1460", spec(wire.TCP, c(0), c(1460), c(10), c(1460), nil)},
		{wire.UDP, "poisson1000:const200:exp5:truncnormal400,50",
			spec(wire.UDP, dist(Poisson, 1000), c(200), dist(wire.Exponential, 5), dist(wire.TruncNormal, 400, 50), nil)},
		{wire.TCP, "default", spec(wire.TCP, c(0), c(1440), c(0), c(0), nil)},
		{wire.MPTCP, "default", spec(wire.MPTCP, c(0), c(1440), c(0), c(0), nil)},
		{wire.UDP, "default", spec(wire.UDP, c(25), c(1452), c(0), c(0), nil)},
		{wire.DCCP, "default", spec(wire.DCCP, c(0), c(1420), c(0), c(0), nil)},
		{wire.QUIC, "default:cc=reno", spec(wire.QUIC, c(0), c(1400), c(0), c(0), func(s *FlowSpec) { s.CC = "reno" })},
		{wire.SCTP, "default:nodelay=on", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) { s.NoDelay = true })},
		{wire.TCP, "const10:const1000:const5:const500:description=Alpha:nodelay=on:cc=cubic:onoff=+1,+1,+0.5,+0.5,repeat",
			spec(wire.TCP, c(10), c(1000), c(5), c(500), func(s *FlowSpec) {
				s.Description, s.NoDelay, s.CC = "Alpha", true, "cubic"
				s.OnOff, s.Repeat = relative(1, 1, 0.5, 0.5), true
			})},
		{wire.TCP, "exp20:uniform500,25000:const0:const0:maxmsgsize=4000:id=7:description=Beta",
			spec(wire.TCP, dist(wire.Exponential, 20), dist(wire.Uniform, 500, 25000), c(0), c(0), func(s *FlowSpec) {
				s.MaxMsgSize, s.ID, s.IDSet, s.Description = 4000, 7, true, "Beta"
			})},
		{wire.MPTCP, "const8:const2000:const0:const0:description=Delta:sndbuf=100000:rcvbuf=120000",
			spec(wire.MPTCP, c(8), c(2000), c(0), c(0), func(s *FlowSpec) {
				s.Description, s.SndBuf, s.RcvBuf = "Delta", 100000, 120000
			})},
		{wire.SCTP, "const2:truncnormal400,50:const0:const0:onoff=0.5,2,3:rtx_trials=3:unordered=0.25:unreliable=0.5:debug=off",
			spec(wire.SCTP, c(2), dist(wire.TruncNormal, 400, 50), c(0), c(0), func(s *FlowSpec) {
				s.OnOff, s.Rtx = absolute(0.5, 2, 3), Retransmission{Set: true, Value: 3}
				s.Ordered, s.Reliable = 0.75, 0.5
			})},
		{wire.UDP, "const0:const0:const25:const2500:onoff=+pareto0.166667,1.5,+pareto0.166667,1.5,repeat",
			spec(wire.UDP, c(0), c(0), c(25), c(2500), func(s *FlowSpec) {
				e := wire.Event{Time: dist(wire.Pareto, 0.166667, 1.5), Relative: true}
				s.OnOff, s.Repeat = []wire.Event{e, e}, true
			})},
		{wire.TCP, "const0:const1460:const0:const0:cmt=mptcp", spec(wire.MPTCP, c(0), c(1460), c(0), c(0), nil)},
		{wire.TCP, "const0:const1460:const0:const0:cmt=like-mptcp", spec(wire.MPTCP, c(0), c(1460), c(0), c(0), nil)},
		{wire.TCP, "const0:const1460:const0:const0:cmt=mptcp-like", spec(wire.MPTCP, c(0), c(1460), c(0), c(0), nil)},
		{wire.TCP, "const0:const1460:const0:const0:cmt=4", spec(wire.MPTCP, c(0), c(1460), c(0), c(0), nil)},
		{wire.TCP, "const0:const1460:const0:const0:cmt=off", spec(wire.TCP, c(0), c(1460), c(0), c(0), nil)},
		{wire.TCP, "default:cmt=mptcp:cmt=off", spec(wire.TCP, c(0), c(1440), c(0), c(0), nil)},
		{wire.MPTCP, "default:cmt=4", spec(wire.MPTCP, c(0), c(1440), c(0), c(0), nil)},
		{wire.SCTP, "default:cmt=mptcp", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) { s.CMT = 4 })},
		{wire.SCTP, "default:cmt=cmt", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) { s.CMT = 1 })},
		{wire.SCTP, "default:cmt=normal", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) { s.CMT = 1 })},
		{wire.SCTP, "default:cmt=cmtrpv1", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) { s.CMT = 2 })},
		{wire.SCTP, "default:cmt=rp", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) { s.CMT = 2 })},
		{wire.SCTP, "default:cmt=cmtrpv2", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) { s.CMT = 3 })},
		{wire.SCTP, "default:cmt=255", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) { s.CMT = 255 })},
		{wire.SCTP, "default:ordered=0.5:reliable=0:rtx_timeout=250", spec(wire.SCTP, c(0), c(1432), c(0), c(0), func(s *FlowSpec) {
			s.Ordered, s.Reliable, s.Rtx = 0.5, 0, Retransmission{Set: true, Milliseconds: true, Value: 250}
		})},
		{wire.DCCP, "default:ccid=3", spec(wire.DCCP, c(0), c(1420), c(0), c(0), func(s *FlowSpec) { s.CCID = 3 })},
		{wire.TCP, "default:defragtimeout=100:error_on_abort=off:v6only:debug=on:id=4294967295", spec(wire.TCP, c(0), c(1440), c(0), c(0), func(s *FlowSpec) {
			s.DefragTimeout, s.ErrorOnAbort, s.V6Only, s.Debug = 100*time.Millisecond, false, true, true
			s.ID, s.IDSet = 4294967295, true
		})},
		{wire.TCP, "default:nodelay=on:nodelay=off", spec(wire.TCP, c(0), c(1440), c(0), c(0), nil)},
		{wire.TCP, "default:description=a=b, c", spec(wire.TCP, c(0), c(1440), c(0), c(0), func(s *FlowSpec) { s.Description = "a=b, c" })},
		{wire.TCP, "default:onoff=uniform1,2,3,+exp4,+normal5,6,+truncnormal7,8,9,+const10", spec(wire.TCP, c(0), c(1440), c(0), c(0), func(s *FlowSpec) {
			s.OnOff = []wire.Event{
				{Time: dist(wire.Uniform, 1, 2)}, {Time: c(3)},
				{Time: dist(wire.Exponential, 4), Relative: true},
				{Time: dist(wire.Normal, 5, 6), Relative: true},
				{Time: dist(wire.TruncNormal, 7, 8), Relative: true},
				{Time: c(9)}, {Time: c(10), Relative: true},
			}
		})},
		{wire.TCP, "default:onoff=0,5", spec(wire.TCP, c(0), c(1440), c(0), c(0), func(s *FlowSpec) { s.OnOff = absolute(0, 5) })},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := Parse(tt.protocol, tt.text, Defaults{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Warnings != nil && !strings.Contains(tt.text, "default:cmt=mptcp") {
				t.Errorf("warnings: %q", got.Warnings)
			}
			got.Warnings = nil
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
			again, err := Parse(got.Protocol, got.String(), Defaults{})
			if again.Warnings = nil; err != nil || !reflect.DeepEqual(again, got) {
				t.Errorf("%q gives %+v, %v", got.String(), again, err)
			}
		})
	}
}

func TestParseTakesDefaults(t *testing.T) {
	def := Defaults{SndBuf: 1000, RcvBuf: 2000}
	for text, want := range map[string]Defaults{
		"default":                   def,
		"default:sndbuf=5":          {SndBuf: 5, RcvBuf: 2000},
		"default:sndbuf=0:rcvbuf=0": {},
	} {
		s, err := Parse(wire.TCP, text, def)
		if err != nil || s.SndBuf != want.SndBuf || s.RcvBuf != want.RcvBuf {
			t.Errorf("%s: sndbuf %d, rcvbuf %d, %v, want %+v", text, s.SndBuf, s.RcvBuf, err, want)
		}
	}
}

func TestString(t *testing.T) {
	tests := []struct {
		protocol   wire.Protocol
		text, want string
	}{
		{wire.TCP, "10:1460", "const10:const1460:const0:const0"},
		{wire.UDP, "default", "const25:const1452:const0:const0"},
		{wire.TCP, "default:cmt=mptcp", "const0:const1440:const0:const0"},
		{wire.SCTP, "1:2:3:4:unordered=1:debug=on:v6only:ccid=5:cmt=rp:cc=reno:nodelay=on:error_on_abort=off:onoff=0,+const5:rcvbuf=2:sndbuf=1:" +
			"rtx_trials=7:unreliable=0.75:defragtimeout=9:maxmsgsize=200:description=d:id=3",
			"const1:const2:const3:const4:id=3:description=d:maxmsgsize=200:defragtimeout=9:ordered=0:reliable=0.25:rtx_trials=7:" +
				"sndbuf=1:rcvbuf=2:onoff=0,+5:error_on_abort=off:nodelay=on:cc=reno:cmt=cmtrpv1:ccid=5:v6only:debug=on"},
		{wire.SCTP, "1:2:3:4:cmt=9:rtx_timeout=8", "const1:const2:const3:const4:rtx_timeout=8:cmt=9"},
	}
	for _, tt := range tests {
		s, err := Parse(tt.protocol, tt.text, Defaults{})
		if err != nil || s.String() != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.text, s.String(), err, tt.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	long := strings.Repeat("x", 33)
	tests := []struct {
		protocol wire.Protocol
		text     string
		want     []string
	}{
		{wire.TCP, "default:description=" + long[1:], nil},
		{wire.TCP, "default:description=" + long, []string{"the description has 33 bytes, the first 32 of them are sent"}},
		{wire.TCP, "default:maxmsgsize=128", nil},
		{wire.TCP, "default:maxmsgsize=127", []string{"maxmsgsize=127 is out of range (128 to 65535), 128 is used"}},
		{wire.TCP, "default:maxmsgsize=65536", []string{"maxmsgsize=65536 is out of range (128 to 65535), 65535 is used"}},
		{wire.TCP, "default:maxmsgsize=99999999999999999999", []string{"maxmsgsize=99999999999999999999 is out of range (128 to 65535), 65535 is used"}},
		{wire.TCP, "default:ndiffports=4:pathmgr=fullmesh:scheduler=default", []string{
			"ndiffports=4 is obsolete and has no effect",
			"pathmgr=fullmesh is obsolete and has no effect",
			"scheduler=default is obsolete and has no effect",
		}},
		{wire.UDP, "const0:const1000:const0:const500", nil},
		{wire.UDP, "const10:const1000:const0:const0", nil},
		{wire.TCP, "default:onoff=1,3,2,4", []string{`onoff entry 3 "2" is before an entry in front of it and takes effect together with that`}},
		{wire.TCP, "default:onoff=1,+3,4,+uniform0,1", nil},
		{wire.UDP, "default:cc=cubic:cmt=mptcp:ccid=2:nodelay=on:ordered=0:reliable=0:rtx_trials=1", []string{
			"no effect over UDP: ordered",
			"no effect over UDP: reliable",
			"no effect over UDP: rtx_timeout, rtx_trials",
			"no effect over UDP: nodelay",
			"no effect over UDP: cc",
			"no effect over UDP: cmt",
			"no effect over UDP: ccid",
		}},
		{wire.TCP, "default:cc=cubic:cmt=mptcp:nodelay=on", nil},
		{wire.TCP, "default:cmt=cmt", []string{"no effect over TCP: cmt"}},
		{wire.UDP, "default:cc=default:cmt=off:nodelay=off", nil},
	}
	for _, tt := range tests {
		s, err := Parse(tt.protocol, tt.text, Defaults{})
		if err != nil || !reflect.DeepEqual(s.Warnings, tt.want) {
			t.Errorf("%s: warnings %q, %v, want %q", tt.text, s.Warnings, err, tt.want)
		}
	}
}
