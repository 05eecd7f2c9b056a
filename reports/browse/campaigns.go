package browse

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a campaign leaves in its folder. Its results are a line a run, appended as
// they come.
const (
	campaignFile = "campaign.json"
	resultsFile  = "results.jsonl"
	summaryFile  = "summary.json"
)

// running is the status of a campaign that is worth waiting for.
const running = "running"

// stalled is how long nothing may come of a campaign that is shown as running.
const stalled = 2 * time.Minute

// mostCampaigns bounds the list, mostFound the runs that a campaign's page names.
const (
	mostCampaigns = 50
	mostFound     = 200
)

// Campaign is how far a campaign has come.
type Campaign struct {
	Path    string // below the store
	Status  string // running, complete, or stopped: it was interrupted or killed
	Planned int    // runs; 0 where that is not known
	Done    Counts
	Cells   []*CellProgress
	Found   []Found // what is not valid, the latest first
	Left    int     // of those, how many are not listed
	Problem string

	changed time.Time
}

// Counts are runs by verdict.
type Counts struct{ All, Valid, Invalid, Unknown int }

func (c *Counts) add(verdict string) {
	c.All++
	switch verdict {
	case "valid":
		c.Valid++
	case "invalid":
		c.Invalid++
	default:
		c.Unknown++
	}
}

// Percent is how much of the campaign is done.
func (c Campaign) Percent() int { return 100 * c.Done.All / max(c.Planned, c.Done.All, 1) }

// CellProgress is what has come out of a cell so far.
type CellProgress struct {
	Name, Expect string
	Planned      int
	Done         Counts
}

// Found is a run that was not valid.
type Found struct{ Cell, Seed, Verdict, Summary string }

// progress is what has been read of a campaign's results.
type progress struct {
	made   time.Time // of campaign.json, which tells one campaign from the next
	offset int64     // of the first line not read yet
	known  Campaign
	cells  map[string]*CellProgress
}

// Campaigns lists the campaigns of the store, those that run and the latest
// first. Only what has been added to their results is read.
func (s *Store) Campaigns() []Campaign {
	folders, err := fs.ReadDir(s.files, ".")
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Campaign
	for _, folder := range folders {
		if _, err := s.files.Stat(path.Join(folder.Name(), campaignFile)); folder.IsDir() && err == nil {
			all = append(all, s.campaign(folder.Name(), s.now()))
		}
	}
	waits := func(c Campaign) int { // those that run come first
		if c.Status == running {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b Campaign) int { return cmp.Or(waits(a)-waits(b), b.changed.Compare(a.changed)) })
	return all[:min(len(all), mostCampaigns)]
}

// campaign reads on in a campaign. The caller holds the lock.
func (s *Store) campaign(name string, now time.Time) Campaign {
	info, err := s.files.Stat(path.Join(name, campaignFile))
	if err != nil {
		return Campaign{Path: name, Status: "stopped", Problem: err.Error()}
	}
	p := s.progress[name]
	if p == nil || !p.made.Equal(info.ModTime()) {
		p = &progress{made: info.ModTime(), cells: map[string]*CellProgress{}}
		p.known = Campaign{Path: name, changed: info.ModTime()}
		p.plan(s)
		s.progress[name] = p
	}
	results, err := s.files.Stat(path.Join(name, resultsFile))
	if err == nil {
		p.known.changed = results.ModTime()
		if results.Size() != p.offset {
			p.read(s)
		}
	}
	c := p.known
	c.Status = "stopped"
	if summary, err := s.files.Stat(path.Join(name, summaryFile)); err == nil && !summary.ModTime().Before(c.changed) {
		if c.Done.All >= c.Planned { // one that was interrupted is summed up, too
			c.Status = "complete"
		}
	} else if now.Sub(c.changed) < stalled {
		c.Status = running
	}
	c.Cells, c.Found = slices.Clone(c.Cells), slices.Clone(c.Found)
	for i, cell := range c.Cells {
		one := *cell
		c.Cells[i] = &one
	}
	return c
}

// plan reads what is to be run.
func (p *progress) plan(s *Store) {
	var doc struct {
		Seeds string
		Shard string
		Cells []struct{ Name, Expect string }
	}
	if err := s.read(path.Join(p.known.Path, campaignFile), &doc); err != nil {
		p.known.Problem = err.Error()
		return
	}
	seeds := countSeeds(doc.Seeds)
	for _, c := range doc.Cells {
		cell := &CellProgress{Name: c.Name, Expect: c.Expect, Planned: seeds}
		p.cells[c.Name] = cell
		p.known.Cells = append(p.known.Cells, cell)
		p.known.Planned += seeds
	}
	if i, of, sharded := strings.Cut(doc.Shard, "/"); sharded {
		part, err1 := strconv.Atoi(i)
		parts, err2 := strconv.Atoi(of)
		if err1 == nil && err2 == nil && 0 < part && part <= parts {
			p.known.Planned = (p.known.Planned + parts - part) / parts
			for _, c := range p.known.Cells {
				c.Planned = 0 // which runs of a cell are in the shard is not told
			}
		}
	}
}

// countSeeds returns how many seeds 1000, 1-1000 or 7,12-20 are, or 0.
func countSeeds(text string) int {
	n := 0
	parts := strings.Split(text, ",")
	for _, part := range parts {
		from, to, ranged := strings.Cut(part, "-")
		first, err := strconv.ParseUint(from, 10, 62)
		if err != nil {
			return 0
		}
		last := first
		if ranged {
			if last, err = strconv.ParseUint(to, 10, 62); err != nil || last < first {
				return 0
			}
		} else if len(parts) == 1 {
			first = 1
		}
		n += int(last - first + 1)
	}
	return n
}

// read takes the whole lines that have been added; a torn one waits for its end.
func (p *progress) read(s *Store) {
	file, err := s.files.open(path.Join(p.known.Path, resultsFile))
	if err != nil {
		p.known.Problem = err.Error()
		return
	}
	defer file.Close()
	if _, err := file.Seek(p.offset, io.SeekStart); err != nil {
		return
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	p.offset += int64(whole)
	for line := range bytes.Lines(text[:whole]) {
		var r struct {
			Cell, Verdict, Summary string
			Seed                   uint64
		}
		if json.Unmarshal(line, &r) != nil {
			p.known.Problem = "a line of " + resultsFile + " is damaged"
			continue
		}
		p.add(r.Cell, r.Verdict, Found{r.Cell, strconv.FormatUint(r.Seed, 10), r.Verdict, r.Summary})
	}
}

func (p *progress) add(cell, verdict string, found Found) {
	p.known.Done.add(verdict)
	if c := p.cells[cell]; c != nil {
		c.Done.add(verdict)
	}
	if verdict == "valid" {
		return
	}
	p.known.Found = slices.Insert(p.known.Found, 0, found)
	if len(p.known.Found) > mostFound {
		p.known.Found = p.known.Found[:mostFound]
		p.known.Left++
	}
}

// campaign shows how far one campaign has come.
func (h *handler) campaign(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	for _, c := range h.store.Campaigns() {
		if c.Path == name {
			v := view{Title: name, Campaign: &c, Refresh: c.Status == running}
			v.write(w)
			return
		}
	}
	http.NotFound(w, r)
}
