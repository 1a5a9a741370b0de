//go:build race

package stats

// raceDetector makes compressing some 50 times as slow: tests use less data.
const raceDetector = true
