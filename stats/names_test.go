package stats

import "testing"

func TestNames(t *testing.T) {
	tests := []struct {
		pattern, active, passive, flow string
		compress                       bool
	}{
		{"run.vec", "run-active.vec", "run-passive.vec", "run-passive-0000000a-0002.vec", false},
		{"run.vec.bz2", "run-active.vec.bz2", "run-passive.vec.bz2", "run-passive-0000000a-0002.vec.bz2", true},
		{"a.b.vec.bz2", "a.b-active.vec.bz2", "a.b-passive.vec.bz2", "a.b-passive-0000000a-0002.vec.bz2", true},
		{"run.bz2", "run-active.bz2", "run-passive.bz2", "run-passive-0000000a-0002.bz2", true},
		{"run", "run-active", "run-passive", "run-passive-0000000a-0002", false},
		{"/tmp/a.b/run", "/tmp/a.b/run-active", "/tmp/a.b/run-passive", "/tmp/a.b/run-passive-0000000a-0002", false},
		{"a.b/run.bz2", "a.b/run-active.bz2", "a.b/run-passive.bz2", "a.b/run-passive-0000000a-0002.bz2", true},
		{"a.b/run.sca", "a.b/run-active.sca", "a.b/run-passive.sca", "a.b/run-passive-0000000a-0002.sca", false},
		{"vec", "vec-active", "vec-passive", "vec-passive-0000000a-0002", false},
		{"bz2", "bz2-active", "bz2-passive", "bz2-passive-0000000a-0002", false},
		{"a.b", "a-active.b", "a-passive.b", "a-passive-0000000a-0002.b", false},
		{".vec", "-active.vec", "-passive.vec", "-passive-0000000a-0002.vec", false},
		{"run.", "run-active.", "run-passive.", "run-passive-0000000a-0002.", false},
		{"", "-active", "-passive", "-passive-0000000a-0002", false},
	}
	for _, tt := range tests {
		p, err := Names(tt.pattern)
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
			continue
		}
		if p.Active() != tt.active || p.Passive() != tt.passive || p.Flow(true, 10, 2) != tt.flow || p.Compress != tt.compress {
			t.Errorf("%q: got %q %q %q %v", tt.pattern, p.Active(), p.Passive(), p.Flow(true, 10, 2), p.Compress)
		}
	}
	p, _ := Names("run.vec")
	if got := p.Flow(false, 0xdeadbeef, 0xffff); got != "run-active-deadbeef-ffff.vec" {
		t.Errorf("active flow: %q", got)
	}
}

func TestNamesRefused(t *testing.T) {
	for _, pattern := range []string{"results/", "/", "a\x00b"} {
		if p, err := Names(pattern); err == nil {
			t.Errorf("%q: %+v", pattern, p)
		}
	}
}
