package campaign

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"checker/check"
)

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitOutcome `xml:"failure,omitempty"`
	Error   *junitOutcome `xml:"error,omitempty"`
	Skipped *junitOutcome `xml:"skipped,omitempty"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the cells as test cases: an anomaly is a failure, what is unknown an
// error, and a cell that has no run in this shard is skipped.
func (s Summary) JUnit() ([]byte, error) {
	suite := junitSuite{Name: "checker campaign " + s.Name}
	for _, c := range s.Cells {
		tc := junitCase{Name: c.Name, Class: "checker.campaign." + strings.ReplaceAll(s.Name, " ", "_")}
		outcome := &junitOutcome{Message: c.Reason, Text: c.reproduce()}
		suite.Tests++
		switch {
		case c.Runs.Planned == 0:
			tc.Skipped = outcome
			suite.Skipped++
		case c.Verdict == check.Invalid:
			tc.Failure = outcome
			suite.Failures++
		case c.Verdict == check.Unknown:
			tc.Error = outcome
			suite.Errors++
		}
		suite.Cases = append(suite.Cases, tc)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(suite); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// reproduce lists the failing runs with the commands that repeat them.
func (c CellSummary) reproduce() string {
	var b strings.Builder
	for _, f := range c.Failing {
		fmt.Fprintf(&b, "\n%s\nreproduce: %s\n", f.Summary, f.Reproduce)
	}
	return b.String()
}
