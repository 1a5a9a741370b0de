package channels

import (
	"encoding/json"
	"testing"
)

// TestCapabilities: everything has a name and, if it does not work, a reason;
// what every host can do can be done; and the form that travels keeps it all.
func TestCapabilities(t *testing.T) {
	c := ReadCapabilities()
	available := map[string]bool{}
	for what, list := range map[string][]Capability{
		"transport": c.Transports, "control": c.Control, "offload": c.Offloads, "time stamps": c.TimeStamps,
	} {
		if len(list) < 3 {
			t.Errorf("%s: %+v", what, list)
		}
		for _, one := range list {
			if one.Name == "" || one.Available != (one.Reason == "") {
				t.Errorf("%s: %+v", what, one)
			}
			available[what+" "+one.Name] = one.Available
		}
	}
	for _, name := range []string{"transport TCP", "transport UDP", "control TCP"} {
		if !available[name] {
			t.Errorf("%s is not available", name)
		}
	}
	if c.System == "" || c.Limits.Descriptors == 0 || c.Limits.Processors == 0 || c.Limits.Datagram != MaxDatagram {
		t.Errorf("%+v", c)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var again Capabilities
	if err := json.Unmarshal(text, &again); err != nil || len(again.Transports) != len(c.Transports) || again.System != c.System || again.Limits != c.Limits {
		t.Errorf("%v: %s became %+v", err, text, again)
	}
}
