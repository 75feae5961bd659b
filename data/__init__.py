"""The data that come with dnaseq, installed as dnaseq.shipped."""
