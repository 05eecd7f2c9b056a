package check

// Kind explains a type of anomaly that a checker can find.
type Kind struct {
	Name    string
	Summary string // one sentence
}
