import asyncio
import json
import math

import openai
import pytest
from conftest import ASK_FOR_OBJECT, ASK_FOR_TOOL, SCRIPTED_WORDS, TOOL_ANSWER, WEATHER_TEXT, Server, Weather
from openai import AsyncOpenAI, OpenAI

PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def connect(server: Server, **options) -> OpenAI:
    return OpenAI(base_url=server.api, api_key=server.key, max_retries=0, **options)


def user(content: str) -> list:
    return [{"role": "user", "content": content}]


def test_chat_whole_and_in_a_stream(scripted: Server) -> None:
    client = connect(scripted)
    whole = client.chat.completions.create(model=scripted.model, messages=user("Hi"))
    assert whole.choices[0].message.content == SCRIPTED_WORDS
    assert whole._request_id.startswith("req_")
    stream = client.chat.completions.create(
        model=scripted.model, messages=user("Hi"), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == SCRIPTED_WORDS
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage


def test_the_asynchronous_client(scripted: Server) -> None:
    async def ask() -> str:
        async with AsyncOpenAI(base_url=scripted.api, api_key=scripted.key, max_retries=0) as client:
            stream = await client.chat.completions.create(
                model=scripted.model, messages=user("Hi"), stream=True
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(ask()) == SCRIPTED_WORDS


def test_parse_and_the_streaming_helper(scripted: Server) -> None:
    client = connect(scripted)
    ask = {"model": scripted.model, "messages": user(ASK_FOR_OBJECT), "response_format": Weather}
    expected = Weather(city="Graz", degrees=7)
    assert client.chat.completions.parse(**ask).choices[0].message.parsed == expected
    with client.chat.completions.stream(**ask) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        assert stream.get_final_completion().choices[0].message.parsed == expected
    assert "".join(deltas) == WEATHER_TEXT


@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_tool_is_called_and_its_result_answered(scripted: Server, is_streamed: bool) -> None:
    client = connect(scripted)
    tools = [openai.pydantic_function_tool(Weather, name="other")] + [
        {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS, "strict": True}}
    ]
    ask = {"model": scripted.model, "tools": tools}
    if is_streamed:
        with client.chat.completions.stream(messages=user(ASK_FOR_TOOL), **ask) as stream:
            answer = stream.get_final_completion()
    else:
        answer = client.chat.completions.create(messages=user(ASK_FOR_TOOL), **ask)
    assert answer.choices[0].finish_reason == "tool_calls"
    message = answer.choices[0].message
    (call,) = message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Graz"})
    result = {"role": "tool", "tool_call_id": call.id, "content": "7 degrees in Graz"}
    ended = client.chat.completions.create(
        messages=[*user(ASK_FOR_TOOL), message.model_dump(exclude_none=True), result], **ask
    )
    assert ended.choices[0].message.content == TOOL_ANSWER


def test_responses_go_on_from_a_stored_one(scripted: Server) -> None:
    client = connect(scripted)
    first = client.responses.create(model=scripted.model, input="Hi")
    assert (first.status, first.output_text) == ("completed", SCRIPTED_WORDS)
    second = client.responses.create(
        model=scripted.model, input="answer exactly: Again.", previous_response_id=first.id
    )
    assert (second.output_text, second.previous_response_id) == ("Again.", first.id)
    assert client.responses.retrieve(second.id).output_text == "Again."
    client.responses.delete(second.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(second.id)


def test_responses_in_a_stream_and_parsed(scripted: Server) -> None:
    client = connect(scripted)
    with client.responses.stream(model=scripted.model, input="Hi") as stream:
        events = list(stream)
        assert stream.get_final_response().output_text == SCRIPTED_WORDS
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    assert [event.sequence_number for event in events if hasattr(event, "sequence_number")] == list(
        range(len(events))
    )
    parsed = client.responses.parse(model=scripted.model, input=ASK_FOR_OBJECT, text_format=Weather)
    assert parsed.output_parsed == Weather(city="Graz", degrees=7)


def test_responses_call_a_tool(scripted: Server) -> None:
    client = connect(scripted)
    tool = {"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": True}
    called = client.responses.create(model=scripted.model, input=ASK_FOR_TOOL, tools=[tool])
    (call,) = [item for item in called.output if item.type == "function_call"]
    assert json.loads(call.arguments) == {"city": "Graz"}
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "7 degrees in Graz"}
    ended = client.responses.create(
        model=scripted.model, input=[output], tools=[tool], previous_response_id=called.id
    )
    assert ended.output_text == TOOL_ANSWER


def test_embeddings_in_both_encodings(scripted: Server) -> None:
    client = connect(scripted)
    ask = {"model": scripted.model, "input": ["one", "three"]}
    vectors = [item.embedding for item in client.embeddings.create(**ask).data]
    floats = [item.embedding for item in client.embeddings.create(**ask, encoding_format="float").data]
    assert vectors == floats
    assert vectors[1] == pytest.approx([math.sin(5), math.cos(5), 0])


def test_failures_are_the_classes_of_the_library(scripted: Server) -> None:
    client = connect(scripted)
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="nobody", messages=user("Hi"))
    assert unknown.value.code == "model_not_found"
    stranger = OpenAI(base_url=scripted.api, api_key="sk-ink_wrong", max_retries=2)
    with pytest.raises(openai.AuthenticationError) as refused:
        stranger.models.list()
    assert (refused.value.code, refused.value.request_id[:4]) == ("invalid_api_key", "req_")
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model=scripted.model, messages=[])
    assert wrong.value.param == "messages"


def test_the_starter_model_answers_in_each_way(starter: Server) -> None:
    client = connect(starter)
    ask = {"model": starter.model, "messages": user("Say hello."), "max_tokens": 12, "temperature": 0}
    whole = client.chat.completions.create(**ask).choices[0].message.content
    stream = client.chat.completions.create(**ask, stream=True)
    assert whole != ""
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == whole
    responded = client.responses.create(
        model=starter.model, input="Say hello.", max_output_tokens=16, temperature=0
    )
    assert responded.output_text[:10] == whole[:10]
    parsed = client.chat.completions.parse(
        model=starter.model,
        messages=user("The weather in Graz, as JSON."),
        response_format=Weather,
        max_tokens=100,
        temperature=0,
    )
    assert isinstance(parsed.choices[0].message.parsed, Weather)
    assert starter.model in [model.id for model in client.models.list()]
    assert len(client.embeddings.create(model=starter.model, input="Hi").data[0].embedding) == 576
