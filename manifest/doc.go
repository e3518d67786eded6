// Package manifest reads what a package says about itself: MediaConduit.provider.yml, MediaConduit.service.yml, their
// older names (mediaconduit.provider.yml, prizm.config.json) and package.json. Published packages are messy; every
// spelling that occurs in the wild is accepted and normalised here, with a [report.Warning] where the author should act,
// so that no other package has to know of it.
package manifest
