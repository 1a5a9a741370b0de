package sys

import (
	"errors"
	"reflect"
	"testing"
	"time"
)

func TestParseCPU(t *testing.T) {
	tests := []struct {
		name string
		stat string
		want []CPUTimes
	}{
		{
			"two CPUs, other lines, guest columns ignored",
			"cpu  36 2 30 400 5 6 7 8 9 10\ncpu0 16 1 10 200 2 3 4 4 5 5\ncpu1 20 1 20 200 3 3 3 4 4 5\nintr 1 2 3\nctxt 5\n",
			[]CPUTimes{{36, 2, 30, 400, 5, 6, 7, 8}, {16, 1, 10, 200, 2, 3, 4, 4}, {20, 1, 20, 200, 3, 3, 3, 4}},
		},
		{
			"CPU 1 is switched off",
			"cpu 2 0 0 9 0 0 0 0 0 0\ncpu0 1 0 0 4 0 0 0 0 0 0\ncpu2 1 0 0 5 0 0 0 0 0 0\n",
			[]CPUTimes{{User: 2, Idle: 9}, {User: 1, Idle: 4}, {}, {User: 1, Idle: 5}},
		},
		{"four columns, no line end", "cpu 1 2 3 4\ncpu0 1 2 3 4", []CPUTimes{{1, 2, 3, 4, 0, 0, 0, 0}, {1, 2, 3, 4, 0, 0, 0, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseCPU([]byte(tt.stat))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("ParseCPU = %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestParseCPUErrors(t *testing.T) {
	tests := []struct{ stat, want string }{
		{"", "no cpu lines"},
		{"intr 5\n", "no cpu lines"},
		{"cpu 1 2 3 4\n", "no cpu lines"},
		{"cpu 1 2 3\n", "cpu: 3 columns instead of at least 4"},
		{"cpux 1 2 3 4\n", `"cpux" is no CPU from 0 to 16383`},
		{"cpu16384 1 2 3 4\n", `"cpu16384" is no CPU from 0 to 16383`},
		{"cpu-1 1 2 3 4\n", `"cpu-1" is no CPU from 0 to 16383`},
		{"cpu0 1 2 x 4\n", `cpu0: column 3: strconv.ParseUint: parsing "x": invalid syntax`},
	}
	for _, tt := range tests {
		if _, err := ParseCPU([]byte(tt.stat)); err == nil || err.Error() != tt.want {
			t.Errorf("ParseCPU(%q): %v, want %s", tt.stat, err, tt.want)
		}
	}
}

func FuzzParseCPU(f *testing.F) {
	f.Add([]byte("cpu  36 2 30 400 5 6 7 8 9 10\ncpu0 16 1 10 200 2 3 4 4 5 5\nintr 1\n"))
	f.Add([]byte("cpu 1 2 3 4\ncpu16383 1 2 3 4"))
	f.Add([]byte("cpu\ncpu0"))
	f.Fuzz(func(t *testing.T, stat []byte) {
		cpus, err := ParseCPU(stat)
		if (err == nil) != (len(cpus) >= 2) || len(cpus) > MaxCPUs+1 {
			t.Errorf("%d CPUs, error %v", len(cpus), err)
		}
	})
}

func TestReadCPU(t *testing.T) {
	cpus, err := ReadCPU()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("no account of the CPUs on this system")
	}
	if err != nil {
		t.Fatal(err)
	}
	if total := cpus[0]; total.User+total.System+total.Idle == 0 {
		t.Errorf("total is %+v", total)
	}
}

func TestProcessCPU(t *testing.T) {
	user, system := ProcessCPU()
	before := user + system
	for start := time.Now(); ; {
		user, system = ProcessCPU()
		if user+system > before {
			return
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("no CPU time was counted in 10 s of work: %v, then %v", before, user+system)
		}
	}
}
