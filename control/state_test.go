package control

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"netperfmeter/channels"
)

// full is a state with every part that there is.
func full() channels.State {
	return channels.State{
		Time: 1, Protocol: "MPTCP", Buffers: channels.Buffers{SendAsked: 1, SendGranted: 2, ReceiveAsked: 3, ReceiveGranted: 4},
		MPTCP: &channels.MPTCPState{InUse: true, Sent: 5, Checksums: true},
		Paths: []channels.Path{
			{ID: 1, Local: "10.0.0.1:1", Remote: "10.0.0.2:2", Since: 7, Until: 8, Share: 0.25, TCP: &channels.TCPInfo{RTT: 9, Acked: 1 << 60, CongestionControl: "cubic"}},
			{Local: "[::1]:1", Remote: "[::1]:2", SCTP: &channels.SCTPPath{State: "active", Primary: true, MTU: 1500}},
		},
	}
}

func TestStateTravels(t *testing.T) {
	sent := StateAnswer{Flows: []FlowState{{Flow: 3, Stream: 4, State: full()}}, Total: 9, Counters: map[string]uint64{"MPJoinSynTx": 2}}
	body, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseStateAnswer(body)
	if err != nil || !reflect.DeepEqual(got, sent) {
		t.Errorf("%s became %+v, %v", body, got, err)
	}
}

func TestBadStates(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	change := func(f func(s *channels.State)) string {
		s := full()
		f(&s)
		body, err := json.Marshal(StateAnswer{Flows: []FlowState{{Flow: 3, State: s}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for body, want := range map[string]string{
		"": "unexpected end", `[]`: "cannot unmarshal", `{"flows":[{"state":{"paths":[{"share":"x"}]}}]}`: "cannot unmarshal",
		change(func(s *channels.State) { s.Paths = make([]channels.Path, channels.MaxPaths+1) }): "state of flow 3: 65 paths: expected at most 64",
		change(func(s *channels.State) { s.Paths[0].Share = 1.5 }):                               "state of flow 3: path 0: share 1.5: expected 0 to 1",
		change(func(s *channels.State) { s.Paths[1].Local = long }):                              "path 1: texts of more than 128 bytes",
		change(func(s *channels.State) { s.Paths[0].TCP.CongestionControl = long }):              "path 0: texts of more than 128 bytes",
		change(func(s *channels.State) { s.Protocol = long }):                                    "protocol of 129 bytes: expected at most 128",
		`{"flows":[` + strings.Repeat(`{},`, StatesAtOnce) + `{}]}`:                              "1001 flows and 0 counters: expected at most 1000 and 1000",
	} {
		if _, err := ParseStateAnswer([]byte(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v; expected %s", body, err, want)
		}
	}
}

func TestTransportQuestions(t *testing.T) {
	if q, err := ParseTransportQuestion([]byte(`{"flow":1,"stream":2,"offset":3}`)); err != nil || q != (TransportQuestion{1, 2, 3}) {
		t.Errorf("%+v, %v", q, err)
	}
	for _, body := range []string{``, `1`, `{"offset":-1}`, `{"flow":-1}`} {
		if _, err := ParseTransportQuestion([]byte(body)); err == nil {
			t.Errorf("%s was taken", body)
		}
	}
	if q, err := ParseStateQuestion(nil); err != nil || q.First != 0 {
		t.Errorf("an empty question: %+v, %v", q, err)
	}
	if _, err := ParseStateQuestion([]byte(`{"first":-1}`)); err == nil {
		t.Error("a negative flow was taken")
	}
	if _, err := ParseTransportAnswer([]byte(`{"text":""}`)); err == nil {
		t.Error("an answer that leads nowhere was taken")
	}
}

func FuzzParseStateAnswer(f *testing.F) {
	body, err := json.Marshal(StateAnswer{Flows: []FlowState{{State: full()}}, Total: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte(`{"flows":[{"state":{"paths":[{"tcp":{},"sctp":{}}]}}]}`))
	f.Add([]byte(`{"flows":[{"state":{"mptcp":{"in_use":true}}}],"counters":{"a":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := ParseStateAnswer(body)
		if err != nil {
			return
		}
		for i := range a.Flows {
			// Whatever a peer says has to be fit for a sentence.
			if text := a.Flows[i].State.Describe(1, 2); len(text) > 64<<10 {
				t.Errorf("a sentence of %d bytes", len(text))
			}
		}
	})
}

func FuzzParseEnvironment(f *testing.F) {
	f.Add([]byte(`{"system":"linux","congestion_controls":["cubic"],"mptcp":{"enabled":true,"endpoints":[{"id":1,"flags":["signal"]}]}}`))
	f.Add([]byte(`{"mptcp":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if e, err := ParseEnvironment(body); err == nil && len(e.Kernel) > maxText {
			t.Errorf("kernel of %d bytes", len(e.Kernel))
		}
	})
}

func FuzzParseTransport(f *testing.F) {
	f.Add([]byte(`{"flow":1,"stream":2,"offset":3,"text":"x","last":true}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if q, err := ParseTransportQuestion(body); err == nil && q.Offset < 0 {
			t.Errorf("%+v", q)
		}
		if a, err := ParseTransportAnswer(body); err == nil && a.Text == "" && !a.Last {
			t.Errorf("%+v", a)
		}
		if q, err := ParseStateQuestion(body); err == nil && q.First < 0 {
			t.Errorf("%+v", q)
		}
	})
}
