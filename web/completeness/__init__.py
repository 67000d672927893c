"""How complete an office's recordings of some days are: a page, a PDF and a list of hashes (S3)."""
