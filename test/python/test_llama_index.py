import math

import pytest
from conftest import ASK_FOR_OBJECT, ASK_FOR_TOOL, SCRIPTED_WORDS, TOOL_ANSWER, WEATHER_TEXT, Server, Weather
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"7 degrees in {city}"


def model_of(server: Server, **options) -> OpenAILike:
    usual = {"context_window": 8192, "is_chat_model": True, "is_function_calling_model": True}
    return OpenAILike(
        api_base=server.api, api_key=server.key, model=server.model, max_retries=0, **(usual | options)
    )


def test_chat_whole_and_in_a_stream(scripted: Server) -> None:
    messages = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="Hi")]
    model = model_of(scripted)
    assert model.chat(messages).message.content == SCRIPTED_WORDS
    assert list(model.stream_chat(messages))[-1].message.content == SCRIPTED_WORDS


def test_the_completions_route_it_takes_unless_told_otherwise(scripted: Server) -> None:
    model = model_of(scripted, is_chat_model=False, is_function_calling_model=False)
    assert model.complete("Hi").text.strip() != ""
    assert list(model.stream_complete("Hi"))[-1].text == model.complete("Hi").text


def test_a_tool_is_called_and_its_result_answered(scripted: Server) -> None:
    model = model_of(scripted)
    tool = FunctionTool.from_defaults(get_weather)
    called = model.chat_with_tools([tool], user_msg=ASK_FOR_TOOL)
    (call,) = model.get_tool_calls_from_response(called)
    assert (call.tool_name, call.tool_kwargs) == ("get_weather", {"city": "Graz"})
    result = ChatMessage(
        role="tool", content=str(tool(**call.tool_kwargs)), additional_kwargs={"tool_call_id": call.tool_id}
    )
    history = [ChatMessage(role="user", content=ASK_FOR_TOOL), called.message, result]
    assert model.chat_with_tools([tool], chat_history=history).message.content == TOOL_ANSWER


def test_structured_output(scripted: Server) -> None:
    by_tool = model_of(scripted).as_structured_llm(Weather)
    assert by_tool.complete(f"call Weather({WEATHER_TEXT})").raw == Weather(city="Graz", degrees=7)
    by_schema = model_of(scripted, should_use_structured_outputs=True).as_structured_llm(Weather)
    assert by_schema.complete(ASK_FOR_OBJECT).raw == Weather(city="Graz", degrees=7)


def test_embeddings(scripted: Server) -> None:
    embedding = OpenAILikeEmbedding(
        api_base=scripted.api, api_key=scripted.key, model_name=scripted.model, max_retries=0
    )
    vectors = embedding.get_text_embedding_batch(["one", "three"])
    assert vectors[1] == pytest.approx([math.sin(5), math.cos(5), 0], abs=1e-6)


def test_the_starter_model_answers(starter: Server) -> None:
    model = model_of(starter, max_tokens=12, temperature=0)
    messages = [ChatMessage(role="user", content="Say hello.")]
    whole = model.chat(messages).message.content
    assert list(model.stream_chat(messages))[-1].message.content == whole != ""
    embedding = OpenAILikeEmbedding(api_base=starter.api, api_key=starter.key, model_name=starter.model)
    assert len(embedding.get_text_embedding("Hi")) == 576
