package main

import (
	"math"
	"testing"
)

func TestUnits(t *testing.T) {
	tests := []struct{ got, want string }{
		{formatRate(0), "0 bit/s"},
		{formatRate(8), "8 bit/s"},
		{formatRate(12.3456), "12.35 bit/s"},
		{formatRate(999.9), "999.9 bit/s"},
		{formatRate(999.96), "1.000 kbit/s"},
		{formatRate(941.2e6), "941.2 Mbit/s"},
		{formatRate(9.4123e9), "9.412 Gbit/s"},
		{formatRate(99.996e9), "100.0 Gbit/s"},
		{formatRate(math.NaN()), "-"},
		{shortRate(0), "0 bit/s"},
		{shortRate(999.4), "999 bit/s"},
		{shortRate(999.6), "1.00 kbit/s"},
		{shortRate(9.4123e9), "9.41 Gbit/s"},
		{shortRate(941.2e6), "941 Mbit/s"},
		{formatBytes(0), "0 B"},
		{formatBytes(999), "999 B"},
		{formatBytes(1000), "1.000 kB"},
		{formatBytes(math.MaxUint64), "18446.7 PB"},
		{formatDelay(0), "0 us"},
		{formatDelay(0.0123), "12.3 us"},
		{formatDelay(0.00123), "1.23 us"},
		{formatDelay(0.9994), "999 us"},
		{formatDelay(0.9996), "1.00 ms"},
		{formatDelay(12.34), "12.3 ms"},
		{formatDelay(-12.34), "-12.3 ms"},
		{formatDelay(123.4), "123 ms"},
		{formatDelay(1234), "1.23 s"},
		{formatDelay(math.NaN()), "-"},
		{formatPercent(0, 0), "0 %"},
		{formatPercent(0, 5), "0 %"},
		{formatPercent(1, 1e6), "<0.01 %"},
		{formatPercent(1, 3), "33.33 %"},
		{formatPercent(999999, 1e6), ">99.99 %"},
		{formatPercent(5, 5), "100.00 %"},
		{formatSeconds(0), "0.0 s"},
		{formatSeconds(99.94), "99.9 s"},
		{formatSeconds(99.96), "1:40 min"},
		{formatSeconds(3599.4), "59:59 min"},
		{formatSeconds(3600), "1:00:00 h"},
		{formatSeconds(86399), "23:59:59 h"},
	}
	for i, test := range tests {
		if test.got != test.want {
			t.Errorf("%d: %q, not %q", i, test.got, test.want)
		}
	}
}
