import pytest

from dnaseq.data.dataset import parse_on_node, parse_source
from dnaseq.data.records.store import open_store
from dnaseq.data.sources.files import Fasta
from dnaseq.errors import InputError
from dnaseq.io.sequences.reading import Reading


def test_another_node_parses_its_own_files_into_the_folder_of_the_first(easy_fasta, tmp_path):
    source, folder = Fasta(train=str(easy_fasta / "train.fa")), tmp_path / "there"
    store, _ = parse_source(source, Reading(), tmp_path / "here")
    parse_on_node(source, Reading(), folder / store.folder.name)
    assert open_store(folder / store.folder.name).codes.tolist() == store.codes.tolist()


def test_a_store_that_is_there_is_not_parsed_again(easy_fasta, tmp_path):
    store, _ = parse_source(Fasta(train=str(easy_fasta / "train.fa")), Reading(), tmp_path)
    parse_on_node(None, None, store.folder)


def test_another_file_of_the_same_name_is_refused(easy_fasta, tmp_path):
    source = Fasta(train=str(easy_fasta / "train.fa"))
    with pytest.raises(InputError, match=r"train\.fa: not the same file on every node"):
        parse_on_node(source, Reading(), tmp_path / "0123")
