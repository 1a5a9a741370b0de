//go:build race

package passive

const raceDetector = true
