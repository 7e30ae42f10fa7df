"""Where the two servers are: test/python/python.test.ts starts them and tells it in the environment."""

import os
from dataclasses import dataclass

import pytest
from pydantic import BaseModel

# What the script orders and says: test/fakes/scripted-answer.ts.
SCRIPTED_WORDS = "Hello from the script."
WEATHER_TEXT = '{"city":"Graz","degrees":7}'
ASK_FOR_OBJECT = f"answer exactly: {WEATHER_TEXT}"
ASK_FOR_TOOL = 'call get_weather({"city":"Graz"})'
TOOL_ANSWER = "The tool said: 7 degrees in Graz"


class Weather(BaseModel):
    city: str
    degrees: int


@dataclass(frozen=True)
class Server:
    root: str
    key: str
    model: str

    @property
    def api(self) -> str:
        return f"{self.root}/v1"


@pytest.fixture
def scripted() -> Server:
    """The whole server with an engine that does what the prompt orders."""
    return Server(os.environ["SCRIPTED_URL"], os.environ["SCRIPTED_KEY"], "fake-model")


@pytest.fixture
def starter() -> Server:
    """The running server with the starter model."""
    return Server(os.environ["STARTER_URL"], os.environ["STARTER_KEY"], "smollm2-135m-instruct")
