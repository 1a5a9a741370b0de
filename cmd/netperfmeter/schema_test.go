package main

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestSchema keeps the shipped JSON Schemas equal to the types that documents
// and lines are made from.
func TestSchema(t *testing.T) {
	used := map[string]bool{} // names of numbers
	compareSchema(t, "../../docs/results.schema.json", resultsSchema(&schemaMaker{t: t, definitions: map[string]any{}, units: units(), used: used}))
	compareSchema(t, "../../docs/capabilities.schema.json", capabilitiesSchema(&schemaMaker{t: t, definitions: map[string]any{}, units: units(), used: used}))
	for name := range units() {
		if !used[name] {
			t.Errorf("units: nothing is called %q", name)
		}
	}
}

func compareSchema(t *testing.T, path string, schema map[string]any) {
	t.Helper()
	made, err := json.MarshalIndent(schema, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	made = append(made, '\n')
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, made) {
		return
	}
	if !*update {
		t.Fatalf("%s is not that of the types (%v); run: go generate ./cmd/netperfmeter", path, err)
	}
	if err := os.WriteFile(path, made, 0o644); err != nil {
		t.Fatal(err)
	}
}

// schemaMaker collects a definition for each struct.
type schemaMaker struct {
	t           *testing.T
	definitions map[string]any
	units       map[string]string
	used        map[string]bool
}

// document describes a whole document.
func (m *schemaMaker) document(is reflect.Type, title, name string, version int) map[string]any {
	root := m.object(is)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = title
	root["$defs"] = m.definitions
	properties := root["properties"].(map[string]any)
	properties["schema"] = map[string]any{"const": name}
	properties["schema_version"] = map[string]any{"const": version}
	return root
}

func capabilitiesSchema(m *schemaMaker) map[string]any {
	return m.document(reflect.TypeFor[capabilitiesDocument](), "Capabilities (netperfmeter --capabilities --json)", capabilitiesName, capabilitiesVersion)
}

func resultsSchema(m *schemaMaker) map[string]any {
	root := m.document(reflect.TypeFor[document](), "Results of netperfmeter (--json)", schemaName, schemaVersion)
	lines := []any{}
	for _, line := range []struct {
		event string
		is    reflect.Type
	}{
		{"start", reflect.TypeFor[startLine]()}, {"interval", reflect.TypeFor[intervalLine]()}, {"flow", reflect.TypeFor[flowLine]()},
		{"transport", reflect.TypeFor[transportLine]()}, {"warning", reflect.TypeFor[warningLine]()},
		{"end", reflect.TypeFor[endLine]()}, {"error", reflect.TypeFor[errorLine]()},
	} {
		object := m.object(line.is)
		object["properties"].(map[string]any)["event"] = map[string]any{"const": line.event}
		lines = append(lines, object)
	}
	m.definitions["event"] = map[string]any{"description": "A line of --json-lines.", "oneOf": lines}
	return root
}

// object describes a struct.
func (m *schemaMaker) object(is reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	m.fields(is, properties, &required)
	slices.Sort(required)
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func (m *schemaMaker) fields(is reflect.Type, properties map[string]any, required *[]string) {
	for i := range is.NumField() {
		field := is.Field(i)
		if field.Anonymous {
			m.fields(field.Type, properties, required)
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" || !field.IsExported() {
			m.t.Errorf("%v.%s has no name in JSON", is, field.Name)
		}
		value := m.value(name, field.Type)
		if unit, numeric := m.units[name], isNumber(field.Type); numeric && unit != "" {
			value["description"] = "unit: " + unit
		}
		properties[name] = value
		if options != "omitempty" {
			*required = append(*required, name)
		}
	}
}

func isNumber(is reflect.Type) bool {
	if is.Kind() == reflect.Pointer {
		is = is.Elem()
	}
	return is.Kind() >= reflect.Int && is.Kind() <= reflect.Float64
}

// value describes a field.
func (m *schemaMaker) value(name string, is reflect.Type) map[string]any {
	if isNumber(is) {
		m.used[name] = true
		if _, ok := m.units[name]; !ok {
			m.t.Errorf("%s has no unit in the table of units", name)
		}
	}
	switch is.Kind() {
	case reflect.Pointer:
		inner := m.value(name, is.Elem())
		if one, ok := inner["type"].(string); ok {
			inner["type"] = []string{one, "null"}
			return inner
		}
		if inner["type"] != nil {
			return inner // a number, which can be null already
		}
		return map[string]any{"oneOf": []any{inner, map[string]any{"type": "null"}}}
	case reflect.Struct:
		key := is.Name()
		if m.definitions[key] == nil {
			m.definitions[key] = true // not again while its fields are described
			m.definitions[key] = m.object(is)
		}
		return map[string]any{"$ref": "#/$defs/" + key}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": m.value(name, is.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": m.value(name, is.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		if is == reflect.TypeFor[number]() {
			return map[string]any{"type": []string{"number", "null"}}
		}
		return map[string]any{"type": "number"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return map[string]any{"type": "integer", "minimum": 0}
	}
	m.t.Errorf("%s: %v cannot be described", name, is)
	return nil
}
