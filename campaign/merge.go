package campaign

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Merge joins the shards of one campaign into a new folder, whose summary is that
// of the campaign in one piece, byte for byte. Every shard must be there, once; the
// runs that they kept are copied.
func Merge(path string, shards []string) (*Folder, error) {
	var whole Document
	var folders []*Folder
	present := map[int]string{}
	of := 0
	for _, shard := range shards {
		f, d, err := Open(shard)
		if err != nil {
			return nil, err
		}
		s := d.shard()
		if s.Of == 0 {
			return nil, fmt.Errorf("%s is no shard: it is a whole campaign", shard)
		}
		if other, twice := present[s.Index]; twice {
			return nil, fmt.Errorf("%s and %s are both the shard %v", other, shard, s)
		}
		if len(folders) == 0 {
			whole, of = d, s.Of
			whole.Shard = ""
		}
		if !d.same(whole) || s.Of != of {
			return nil, fmt.Errorf("%s and %s are not shards of one campaign: their cells, seeds, numbers of shards or programs differ", shards[0], shard)
		}
		present[s.Index] = shard
		folders = append(folders, f)
	}
	for i := 1; i <= of; i++ {
		if present[i] == "" {
			return nil, fmt.Errorf("the shard %d/%d is missing", i, of)
		}
	}
	into, err := Create(path, whole)
	if err != nil {
		return nil, err
	}
	results, err := into.openLog()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, f := range folders {
		_, err := f.readLog(results.append)
		errs = append(errs, err, copyRuns(f, into))
	}
	return into, errors.Join(append(errs, results.file.Close())...)
}

func copyRuns(from, to *Folder) error {
	runs, err := os.ReadDir(from.file(runsFolder))
	if err != nil {
		return ignoreMissing(err)
	}
	for _, run := range runs {
		if err := os.CopyFS(to.file(filepath.Join(runsFolder, run.Name())), os.DirFS(from.file(filepath.Join(runsFolder, run.Name())))); err != nil {
			return err
		}
	}
	return nil
}
