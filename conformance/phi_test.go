package conformance_test

import (
	"math"
	"testing"

	"github.com/telepathine/telepathine/conformance"
)

// phiGiven is what somebody claims of phi, for one time or for the samples of a watch.
type phiGiven struct {
	Kind              string    `json:"kind"`
	ElapsedMs         float64   `json:"elapsedMs"`
	MeanMs            float64   `json:"meanMs"`
	DeviationMs       float64   `json:"deviationMs"`
	SamplesMs         []float64 `json:"samplesMs"`
	PhiThreshold      float64   `json:"phiThreshold"`
	PhiDeviationMinMs float64   `json:"phiDeviationMinMs"`
	PhiToleranceMs    float64   `json:"phiToleranceMs"`
	Claim             struct {
		Phi                float64 `json:"phi"`
		Tolerance          float64 `json:"tolerance"`
		OverdueMs          float64 `json:"overdueMs"`
		OverdueToleranceMs float64 `json:"overdueToleranceMs"`
	} `json:"claim"`
}

const windowSamples = 64

// phi is -log10 of the probability that an answer comes later.
func phi(elapsedMs, meanMs, deviationMs float64) float64 {
	y := (elapsedMs - meanMs) / deviationMs
	e := y * (1.5976 + 0.070566*y*y)
	if y <= 0 {
		return math.Log10(1 + math.Exp(e))
	}
	return (e + math.Log1p(math.Exp(-e))) / math.Ln10
}

// shape gives mean and deviation by the newest samples.
func (given phiGiven) shape() (meanMs, deviationMs float64) {
	samples := given.SamplesMs
	samples = samples[max(0, len(samples)-windowSamples):]
	if len(samples) == 0 {
		return 2 * given.PhiToleranceMs, given.PhiDeviationMinMs
	}
	var sum, squares float64
	for _, sample := range samples {
		sum += sample
	}
	mean := sum / float64(len(samples))
	for _, sample := range samples {
		squares += (sample - mean) * (sample - mean)
	}
	deviation := math.Sqrt(squares / float64(len(samples)))
	return mean + given.PhiToleranceMs, max(deviation, given.PhiDeviationMinMs)
}

// overdue gives the least time at which phi reaches the threshold.
func overdue(threshold, meanMs, deviationMs float64) float64 {
	low, high := meanMs, meanMs+64*deviationMs
	for range 100 {
		middle := (low + high) / 2
		if phi(middle, meanMs, deviationMs) < threshold {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

func TestPhi(t *testing.T) {
	vectors, err := conformance.Load[phiGiven, conformance.Expectation]("phi")
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range vectors {
		given := vector.Given
		meanMs, deviationMs := given.MeanMs, given.DeviationMs
		isRight := true
		if given.Kind == "overdue" {
			meanMs, deviationMs = given.shape()
			found := overdue(given.PhiThreshold, meanMs, deviationMs)
			isRight = math.Abs(found-given.Claim.OverdueMs) <= given.Claim.OverdueToleranceMs
		}
		found := phi(given.ElapsedMs, meanMs, deviationMs)
		tolerance := given.Claim.Tolerance * max(1, found)
		isRight = isRight && math.Abs(found-given.Claim.Phi) <= tolerance
		if isRight != (vector.Expect.Result == "accept") {
			t.Errorf("%s: phi is %g, expected %s", vector.ID, found, vector.Expect.Result)
		}
	}
}
