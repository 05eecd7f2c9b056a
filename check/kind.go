package check

// Kind explains a type of anomaly that a checker can find.
type Kind struct {
	Name    string
	Summary string // one sentence
	Example string // the smallest history that shows it, drawn; real time goes to the right
}
