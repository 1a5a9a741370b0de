//go:build linux

package capture

import (
	"math"
	"testing"
)

func TestMeasure(t *testing.T) {
	even := func(n int, gap int64, size int) []Packet {
		var list []Packet
		for i := range n {
			list = append(list, Packet{Time: 1e18 + int64(i)*gap, Length: size})
		}
		return list
	}
	late := even(101, 1_000_000, 200)
	late[50].Time += 300_000
	tests := []struct {
		name    string
		packets []Packet
		want    Pace
	}{
		{"even", even(1001, 1_000_000, 200), Pace{Count: 1001, Share: 1}},
		{"half the rate", even(101, 2_000_000, 200), Pace{Count: 101, Share: 0.5, Gap99: 1000, Late50: 50_000, Late90: 90_000, Late99: 99_000}},
		{"set-up messages left out", append([]Packet{{Time: 1, Length: 26}}, even(101, 1_000_000, 200)...), Pace{Count: 101, Share: 1}},
		{"two in a packet", even(50, 2_000_000, 400), Pace{Count: 100, Share: 99.0 / 98, Deviation: 1005, Gap99: 1000, Late50: 500, Late90: 1000, Late99: 1000}},
		{"one late", late, Pace{Count: 101, Share: 1, Deviation: 42.6, Gap99: 300}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Measure(test.packets, 200, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range []struct {
				name      string
				got, want float64
			}{
				{"Count", float64(got.Count), float64(test.want.Count)},
				{"Share", got.Share, test.want.Share},
				{"Deviation", got.Deviation, test.want.Deviation},
				{"Gap99", got.Gap99, test.want.Gap99},
				{"Late50", got.Late50, test.want.Late50},
				{"Late90", got.Late90, test.want.Late90},
				{"Late99", got.Late99, test.want.Late99},
			} {
				if math.Abs(v.got-v.want) > 0.001+0.001*v.want {
					t.Errorf("%s is %g, want %g", v.name, v.got, v.want)
				}
			}
		})
	}
	if _, err := Measure(even(2, 1000, 200), 200, 1000); err == nil {
		t.Error("two packets yield figures")
	}
}
