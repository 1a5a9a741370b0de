package main

import (
	"bytes"
	"encoding/json"
)

// jsonText is a value's JSON, without an end of line. Unlike json.Marshal it
// leaves <, > and & as they are: this goes into no web page.
func jsonText(value any, indent string) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
