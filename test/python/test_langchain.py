import math

import pytest
from conftest import ASK_FOR_OBJECT, ASK_FOR_TOOL, SCRIPTED_WORDS, TOOL_ANSWER, WEATHER_TEXT, Server, Weather
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"7 degrees in {city}"


def chat_with(server: Server, **options) -> ChatOpenAI:
    return ChatOpenAI(base_url=server.api, api_key=server.key, model=server.model, max_retries=0, **options)


def embeddings_of(server: Server, **options) -> OpenAIEmbeddings:
    return OpenAIEmbeddings(
        base_url=server.api, api_key=server.key, model=server.model, max_retries=0, **options
    )


@pytest.fixture(params=[False, True], ids=["chat", "responses"])
def chat(request: pytest.FixtureRequest, scripted: Server) -> ChatOpenAI:
    return chat_with(scripted, stream_usage=True, use_responses_api=request.param)


def test_invoke_and_stream_give_the_same_words(chat: ChatOpenAI) -> None:
    whole = chat.invoke("Hi")
    assert whole.text == SCRIPTED_WORDS
    chunks = list(chat.stream("Hi"))
    total = chunks[0]
    for chunk in chunks[1:]:
        total += chunk
    assert total.text == SCRIPTED_WORDS
    for usage in (whole.usage_metadata, total.usage_metadata):
        assert (usage["input_tokens"], usage["output_tokens"]) == (12, 4)


def test_a_bound_tool_is_called_and_its_result_answered(chat: ChatOpenAI) -> None:
    bound = chat.bind_tools([get_weather])
    called = bound.invoke([HumanMessage(ASK_FOR_TOOL)])
    (call,) = called.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Graz"})
    ended = bound.invoke([HumanMessage(ASK_FOR_TOOL), called, get_weather.invoke(call)])
    assert ended.text == TOOL_ANSWER


@pytest.mark.parametrize(
    ("method", "order"),
    [
        ("json_schema", ASK_FOR_OBJECT),
        ("function_calling", f"call Weather({WEATHER_TEXT})"),
        ("json_mode", ASK_FOR_OBJECT),
    ],
)
def test_structured_output(chat: ChatOpenAI, method: str, order: str) -> None:
    # OpenAI's own rule for this mode: the word must be in the prompt.
    structured = chat.with_structured_output(Weather, method=method)
    assert structured.invoke(f"As JSON. {order}") == Weather(city="Graz", degrees=7)


def test_embeddings_travel_as_tokens_of_openai_and_mean_the_text(scripted: Server) -> None:
    texts = ["one", "three", "Grüß Gott, 日本 👋"]
    as_tokens = embeddings_of(scripted).embed_documents(texts)
    as_text = embeddings_of(scripted, check_embedding_ctx_length=False).embed_documents(texts)
    assert as_tokens == [pytest.approx(vector, abs=1e-6) for vector in as_text]
    assert as_tokens[1] == pytest.approx([math.sin(5), math.cos(5), 0], abs=1e-6)


def test_the_starter_model_answers(starter: Server) -> None:
    chat = chat_with(starter, max_tokens=12, temperature=0)
    whole = chat.invoke("Say hello.").text
    assert "".join(chunk.text for chunk in chat.stream("Say hello.")) == whole != ""
    structured = chat_with(starter, max_tokens=100, temperature=0).with_structured_output(Weather)
    assert isinstance(structured.invoke("The weather in Graz, as JSON."), Weather)
    as_tokens = embeddings_of(starter).embed_query("The cat sits on the mat.")
    as_text = embeddings_of(starter, check_embedding_ctx_length=False).embed_query("The cat sits on the mat.")
    assert as_tokens == pytest.approx(as_text, abs=1e-6)
