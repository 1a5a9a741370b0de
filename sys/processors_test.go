package sys

import (
	"runtime"
	"testing"
)

func TestAddProcessors(t *testing.T) {
	t.Setenv("GOMAXPROCS", "")
	before := runtime.GOMAXPROCS(0)
	first, second := AddProcessors(2), AddProcessors(3)
	if got := runtime.GOMAXPROCS(0); got != before+5 {
		t.Errorf("%d processors, want %d", got, before+5)
	}
	first()
	second()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("%d processors, want %d", got, before)
	}
	t.Setenv("GOMAXPROCS", "1")
	AddProcessors(4)()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("the user's setting was changed to %d", got)
	}
}
